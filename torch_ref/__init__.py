"""The mirror of `scratch`: the same names, with PyTorch's `nn` and autograd."""

from torch import Generator, manual_seed

from . import nn, optim, random

__all__ = ["Generator", "manual_seed", "nn", "optim", "random"]
