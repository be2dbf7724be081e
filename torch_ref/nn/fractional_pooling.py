"""What `scratch.nn.fractional_pooling` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["FractionalMaxPool2d", "FractionalMaxPool3d"]
