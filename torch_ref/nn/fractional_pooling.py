"""What `scratch.nn.fractional_pooling` writes by hand, from PyTorch."""

from torch.nn import FractionalMaxPool2d, FractionalMaxPool3d

__all__ = ["FractionalMaxPool2d", "FractionalMaxPool3d"]
