"""What `scratch.optim.adadelta` writes by hand, from PyTorch."""

from torch.optim import Adadelta

__all__ = ["Adadelta"]
