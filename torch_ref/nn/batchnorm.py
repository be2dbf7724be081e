"""What `scratch.nn.batchnorm` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["BatchNorm1d", "BatchNorm2d", "BatchNorm3d"]
