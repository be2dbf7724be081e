"""What `scratch.nn.conv_transpose` writes by hand, from PyTorch."""

from torch.nn import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d

__all__ = ["ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"]
