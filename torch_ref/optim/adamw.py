"""What `scratch.optim.adamw` writes by hand, from PyTorch."""

from torch.optim import AdamW

__all__ = ["AdamW"]
