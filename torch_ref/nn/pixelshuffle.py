"""What `scratch.nn.pixelshuffle` writes by hand, from PyTorch."""

from torch.nn import PixelShuffle, PixelUnshuffle

__all__ = ["PixelShuffle", "PixelUnshuffle"]
