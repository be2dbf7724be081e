"""What `scratch.nn.smooth` writes by hand, from PyTorch."""

from torch.nn import CELU, ELU, SELU, LogSigmoid, Softplus, Softsign

__all__ = ["CELU", "ELU", "SELU", "LogSigmoid", "Softplus", "Softsign"]
