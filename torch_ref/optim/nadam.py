"""What `scratch.optim.nadam` writes by hand, from PyTorch."""

from torch.optim import *

__all__ = ["NAdam"]
