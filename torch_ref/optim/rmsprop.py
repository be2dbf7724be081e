"""What `scratch.optim.rmsprop` writes by hand, from PyTorch."""

from torch.optim import RMSprop

__all__ = ["RMSprop"]
