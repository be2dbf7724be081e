"""What `scratch.nn.flatten` writes by hand, from PyTorch."""

from torch.nn import Flatten, Unflatten

__all__ = ["Flatten", "Unflatten"]
