"""What `scratch.optim.nadam` writes by hand, from PyTorch."""

from torch.optim import NAdam

__all__ = ["NAdam"]
