"""What `scratch.nn.parameter_container` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["ParameterDict", "ParameterList"]
