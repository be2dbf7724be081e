"""What `scratch.optim.muon` writes by hand, from PyTorch."""

from torch.optim import *

__all__ = ["Muon"]
