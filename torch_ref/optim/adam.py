"""What `scratch.optim.adam` writes by hand, from PyTorch."""

from torch.optim import *

__all__ = ["Adam"]
