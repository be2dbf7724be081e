"""What `scratch.nn.flatten` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["Flatten", "Unflatten"]
