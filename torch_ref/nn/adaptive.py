"""What `scratch.nn.adaptive` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["AdaptiveLogSoftmaxWithLoss"]
