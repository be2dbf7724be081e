"""What `scratch.nn.transformer_decoder` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["TransformerDecoder", "TransformerDecoderLayer"]
