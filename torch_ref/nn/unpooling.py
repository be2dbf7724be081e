"""What `scratch.nn.unpooling` writes by hand, from PyTorch."""

from torch.nn import MaxUnpool1d, MaxUnpool2d, MaxUnpool3d

__all__ = ["MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d"]
