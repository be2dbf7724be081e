"""What `scratch.nn.dropout` writes by hand, from PyTorch."""

from torch.nn import Dropout

__all__ = ["Dropout"]
