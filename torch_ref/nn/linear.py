"""What `scratch.nn.linear` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["Bilinear", "Identity", "Linear"]
