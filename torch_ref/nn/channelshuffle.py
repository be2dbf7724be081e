"""What `scratch.nn.channelshuffle` writes by hand, from PyTorch."""

from torch.nn import ChannelShuffle

__all__ = ["ChannelShuffle"]
