"""What `scratch.nn.shrink` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["Hardshrink", "Softshrink", "Tanhshrink"]
