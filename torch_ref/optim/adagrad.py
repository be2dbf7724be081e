"""What `scratch.optim.adagrad` writes by hand, from PyTorch."""

from torch.optim import Adagrad

__all__ = ["Adagrad"]
