"""What `scratch.optim.adafactor` writes by hand, from PyTorch."""

from torch.optim import *

__all__ = ["Adafactor"]
