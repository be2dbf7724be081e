"""What `scratch.nn.linear` writes by hand, from PyTorch."""

from torch.nn import Identity, Linear

__all__ = ["Identity", "Linear"]
