"""The mirror of `scratch`: the same names, with PyTorch's `nn` and autograd."""

from torch import detach

from . import models, nn, optim, random, training
from .random import *

__all__ = [
    "Generator",
    "bernoulli",
    "detach",
    "get_rng_state",
    "initial_seed",
    "manual_seed",
    "models",
    "multinomial",
    "nn",
    "normal",
    "optim",
    "rand",
    "randint",
    "randn",
    "random",
    "randperm",
    "seed",
    "set_rng_state",
    "training",
]
