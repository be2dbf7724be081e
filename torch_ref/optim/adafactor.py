"""What `scratch.optim.adafactor` writes by hand, from PyTorch."""

from torch.optim import Adafactor

__all__ = ["Adafactor"]
