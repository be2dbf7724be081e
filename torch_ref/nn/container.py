"""What `scratch.nn.container` writes by hand, from PyTorch."""

from torch.nn import Sequential

__all__ = ["Sequential"]
