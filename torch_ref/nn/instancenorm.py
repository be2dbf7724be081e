"""What `scratch.nn.instancenorm` writes by hand, from PyTorch."""

from torch.nn import InstanceNorm1d, InstanceNorm2d, InstanceNorm3d

__all__ = ["InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d"]
