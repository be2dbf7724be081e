"""What `scratch.nn.robust_loss` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["HuberLoss", "SmoothL1Loss"]
