"""What `scratch.nn.pooling` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["AvgPool1d", "AvgPool2d", "AvgPool3d", "MaxPool1d", "MaxPool2d", "MaxPool3d"]
