"""What `scratch.nn.gate` writes by hand, from PyTorch."""

from torch.nn import GELU, GLU, Mish, SiLU

__all__ = ["GELU", "GLU", "Mish", "SiLU"]
