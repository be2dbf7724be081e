"""What `scratch.optim.adagrad` writes by hand, from PyTorch."""

from torch.optim import *

__all__ = ["Adagrad"]
