"""What `scratch.optim.optimizer` writes by hand, from PyTorch."""

from torch.optim import *

__all__ = ["Optimizer"]
