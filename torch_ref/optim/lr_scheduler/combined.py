"""What `scratch.optim.lr_scheduler.combined` writes by hand, from PyTorch."""

from torch.optim.lr_scheduler import (
    ChainedScheduler,
    SequentialLR,
)

__all__ = ["ChainedScheduler", "SequentialLR"]
