"""What `scratch.nn.upsampling` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["Upsample", "UpsamplingBilinear2d", "UpsamplingNearest2d"]
