"""What `scratch.nn.linear_cross_entropy` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["LinearCrossEntropyLoss"]
