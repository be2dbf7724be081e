"""What `scratch.nn.sparse` writes by hand, from PyTorch."""

from torch.nn import Embedding

__all__ = ["Embedding"]
