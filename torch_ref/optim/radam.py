"""What `scratch.optim.radam` writes by hand, from PyTorch."""

from torch.optim import RAdam

__all__ = ["RAdam"]
