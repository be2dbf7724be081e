"""What `scratch.nn.transformer` writes by hand, from PyTorch."""

from torch.nn import TransformerEncoder, TransformerEncoderLayer

__all__ = ["TransformerEncoder", "TransformerEncoderLayer"]
