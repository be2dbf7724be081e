"""What `scratch.nn.lp_pooling` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["LPPool1d", "LPPool2d", "LPPool3d"]
