"""What `scratch.nn.adaptive` writes by hand, from PyTorch."""

from torch.nn import AdaptiveLogSoftmaxWithLoss

__all__ = ["AdaptiveLogSoftmaxWithLoss"]
