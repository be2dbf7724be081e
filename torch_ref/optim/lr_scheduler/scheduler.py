"""What `scratch.optim.lr_scheduler.scheduler` writes by hand, from PyTorch."""

from torch.optim.lr_scheduler import *

__all__ = ["LRScheduler"]
