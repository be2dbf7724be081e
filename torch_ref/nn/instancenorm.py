"""What `scratch.nn.instancenorm` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d"]
