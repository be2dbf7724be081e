"""What `scratch.nn.utils.clip_grad` writes by hand, from PyTorch."""

from torch.nn.utils import *

__all__ = [
    "clip_grad_norm_",
    "clip_grad_value_",
    "clip_grads_with_norm_",
    "get_total_norm",
]
