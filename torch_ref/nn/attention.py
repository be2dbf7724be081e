"""What `scratch.nn.attention` writes by hand, from PyTorch."""

from torch.nn import MultiheadAttention

__all__ = ["MultiheadAttention"]
