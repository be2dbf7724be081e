"""What `scratch.nn.likelihood_loss` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["GaussianNLLLoss", "KLDivLoss", "PoissonNLLLoss"]
