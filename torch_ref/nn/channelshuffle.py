"""What `scratch.nn.channelshuffle` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["ChannelShuffle"]
