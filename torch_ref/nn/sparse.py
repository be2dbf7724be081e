"""What `scratch.nn.sparse` writes by hand, from PyTorch."""

from torch.nn import Embedding, EmbeddingBag

__all__ = ["Embedding", "EmbeddingBag"]
