"""What `scratch.optim.adamw` writes by hand, from PyTorch."""

from torch.optim import *

__all__ = ["AdamW"]
