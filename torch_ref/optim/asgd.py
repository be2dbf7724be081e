"""What `scratch.optim.asgd` writes by hand, from PyTorch."""

from torch.optim import *

__all__ = ["ASGD"]
