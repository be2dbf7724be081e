"""What `scratch.optim.swa_utils` writes by hand, from PyTorch."""

from torch.optim.swa_utils import *

__all__ = [
    "SWALR",
    "AveragedModel",
    "get_ema_avg_fn",
    "get_ema_multi_avg_fn",
    "get_swa_avg_fn",
    "get_swa_multi_avg_fn",
    "update_bn",
]
