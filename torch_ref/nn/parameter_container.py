"""What `scratch.nn.parameter_container` writes by hand, from PyTorch."""

from torch.nn import ParameterDict, ParameterList

__all__ = ["ParameterDict", "ParameterList"]
