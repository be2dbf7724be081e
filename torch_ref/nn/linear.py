"""What `scratch.nn.linear` writes by hand, from PyTorch."""

from torch.nn import Bilinear, Identity, Linear

__all__ = ["Bilinear", "Identity", "Linear"]
