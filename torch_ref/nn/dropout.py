"""What `scratch.nn.dropout` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = [
    "AlphaDropout",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Dropout3d",
    "FeatureAlphaDropout",
]
