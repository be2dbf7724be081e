"""What `scratch.optim.radam` writes by hand, from PyTorch."""

from torch.optim import *

__all__ = ["RAdam"]
