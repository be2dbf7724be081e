"""What `scratch.nn.gate` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["GELU", "GLU", "Mish", "SiLU"]
