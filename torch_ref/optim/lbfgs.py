"""What `scratch.optim.lbfgs` writes by hand, from PyTorch."""

from torch.optim import *

__all__ = ["LBFGS"]
