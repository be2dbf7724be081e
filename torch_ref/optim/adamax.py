"""What `scratch.optim.adamax` writes by hand, from PyTorch."""

from torch.optim import *

__all__ = ["Adamax"]
