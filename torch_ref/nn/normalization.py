"""What `scratch.nn.normalization` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["CrossMapLRN2d", "GroupNorm", "LayerNorm", "LocalResponseNorm", "RMSNorm"]
