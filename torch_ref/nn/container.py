"""What `scratch.nn.container` writes by hand, from PyTorch."""

from torch.nn import ModuleDict, ModuleList, Sequential

__all__ = ["ModuleDict", "ModuleList", "Sequential"]
