"""What `scratch.nn.fold` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["Fold", "Unfold"]
