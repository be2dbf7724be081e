"""What `scratch.optim.rprop` writes by hand, from PyTorch."""

from torch.optim import Rprop

__all__ = ["Rprop"]
