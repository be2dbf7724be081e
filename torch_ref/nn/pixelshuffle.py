"""What `scratch.nn.pixelshuffle` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["PixelShuffle", "PixelUnshuffle"]
