"""What `scratch.nn.ctc_loss` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["CTCLoss"]
