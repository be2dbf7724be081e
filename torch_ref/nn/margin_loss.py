"""What `scratch.nn.margin_loss` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = [
    "HingeEmbeddingLoss",
    "MultiLabelMarginLoss",
    "MultiLabelSoftMarginLoss",
    "MultiMarginLoss",
    "SoftMarginLoss",
]
