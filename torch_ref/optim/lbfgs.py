"""What `scratch.optim.lbfgs` writes by hand, from PyTorch."""

from torch.optim import LBFGS

__all__ = ["LBFGS"]
