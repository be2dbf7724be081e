"""What `scratch.nn.smooth` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["CELU", "ELU", "SELU", "LogSigmoid", "Softplus", "Softsign"]
