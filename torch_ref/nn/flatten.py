"""What `scratch.nn.flatten` writes by hand, from PyTorch."""

from torch.nn import Flatten

__all__ = ["Flatten"]
