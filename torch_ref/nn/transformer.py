"""What `scratch.nn.transformer` writes by hand, from PyTorch."""

from torch.nn import Transformer, TransformerEncoder, TransformerEncoderLayer

__all__ = ["Transformer", "TransformerEncoder", "TransformerEncoderLayer"]
