"""What `scratch.nn.shrink` writes by hand, from PyTorch."""

from torch.nn import Hardshrink, Softshrink, Tanhshrink

__all__ = ["Hardshrink", "Softshrink", "Tanhshrink"]
