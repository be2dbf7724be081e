"""What `scratch.optim.adamax` writes by hand, from PyTorch."""

from torch.optim import Adamax

__all__ = ["Adamax"]
