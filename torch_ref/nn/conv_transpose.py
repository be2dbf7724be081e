"""What `scratch.nn.conv_transpose` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"]
