"""What `scratch.nn.conv` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["Conv1d", "Conv2d", "Conv3d"]
