"""What `scratch.optim.rprop` writes by hand, from PyTorch."""

from torch.optim import *

__all__ = ["Rprop"]
