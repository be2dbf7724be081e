"""What `scratch.optim.sgd` writes by hand, from PyTorch."""

from torch.optim import *

__all__ = ["SGD"]
