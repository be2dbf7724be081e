"""What `scratch.optim.asgd` writes by hand, from PyTorch."""

from torch.optim import ASGD

__all__ = ["ASGD"]
