"""What `scratch.nn.lp_pooling` writes by hand, from PyTorch."""

from torch.nn import LPPool1d, LPPool2d, LPPool3d

__all__ = ["LPPool1d", "LPPool2d", "LPPool3d"]
