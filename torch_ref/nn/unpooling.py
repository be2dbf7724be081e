"""What `scratch.nn.unpooling` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d"]
