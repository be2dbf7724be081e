"""PyTorch's helpers for training, for the names that `scratch.nn.utils` offers."""

from . import rnn
from .clip_grad import *

__all__ = ["rnn"]
__all__ += clip_grad.__all__
