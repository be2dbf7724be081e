"""What `scratch.optim.adam` writes by hand, from PyTorch."""

from torch.optim import Adam

__all__ = ["Adam"]
