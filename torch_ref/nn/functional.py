"""What `scratch.nn.functional` writes by hand, from PyTorch."""

from torch.nn.functional import *

__all__ = ["gelu", "relu", "scaled_dot_product_attention"]
