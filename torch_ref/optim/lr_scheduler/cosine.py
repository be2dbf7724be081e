"""What `scratch.optim.lr_scheduler.cosine` writes by hand, from PyTorch."""

from torch.optim.lr_scheduler import *

__all__ = ["CosineAnnealingLR", "CosineAnnealingWarmRestarts"]
