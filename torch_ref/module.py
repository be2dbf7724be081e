"""What `scratch.module` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["Module", "Parameter"]
