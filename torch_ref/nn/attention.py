"""What `scratch.nn.attention` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["MultiheadAttention"]
