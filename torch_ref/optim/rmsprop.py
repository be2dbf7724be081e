"""What `scratch.optim.rmsprop` writes by hand, from PyTorch."""

from torch.optim import *

__all__ = ["RMSprop"]
