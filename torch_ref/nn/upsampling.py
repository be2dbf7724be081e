"""What `scratch.nn.upsampling` writes by hand, from PyTorch."""

from torch.nn import Upsample, UpsamplingBilinear2d, UpsamplingNearest2d

__all__ = ["Upsample", "UpsamplingBilinear2d", "UpsamplingNearest2d"]
