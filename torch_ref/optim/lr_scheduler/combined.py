"""What `scratch.optim.lr_scheduler.combined` writes by hand, from PyTorch."""

from torch.optim.lr_scheduler import *

__all__ = ["ChainedScheduler", "SequentialLR"]
