"""What `scratch.module` writes by hand, from PyTorch."""

from torch.nn import Module, Parameter

__all__ = ["Module", "Parameter"]
