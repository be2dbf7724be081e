"""What `scratch.optim.lr_scheduler.cycles` writes by hand, from PyTorch."""

from torch.optim.lr_scheduler import *

__all__ = ["CyclicLR", "OneCycleLR"]
