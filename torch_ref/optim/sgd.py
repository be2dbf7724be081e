"""What `scratch.optim.sgd` writes by hand, from PyTorch."""

from torch.optim import SGD

__all__ = ["SGD"]
