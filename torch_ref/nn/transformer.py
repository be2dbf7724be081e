"""What `scratch.nn.transformer` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["Transformer", "TransformerEncoder", "TransformerEncoderLayer"]
