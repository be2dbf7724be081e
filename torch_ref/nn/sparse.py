"""What `scratch.nn.sparse` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["Embedding", "EmbeddingBag"]
