"""What `scratch.nn.loss` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "CrossEntropyLoss",
    "L1Loss",
    "MSELoss",
    "NLLLoss",
]
