"""What `scratch.optim.adadelta` writes by hand, from PyTorch."""

from torch.optim import *

__all__ = ["Adadelta"]
