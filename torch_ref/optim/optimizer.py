"""What `scratch.optim.optimizer` writes by hand, from PyTorch."""

from torch.optim import Optimizer

__all__ = ["Optimizer"]
