"""Helpers for training, under the names of `torch.nn.utils`."""

from . import rnn
from .clip_grad import *

__all__ = ["rnn"]
__all__ += clip_grad.__all__
