"""What `scratch.nn.container` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["ModuleDict", "ModuleList", "Sequential"]
