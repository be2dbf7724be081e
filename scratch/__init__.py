"""Deep learning by hand: NumPy, and gradients derived on paper.

What is at `torch.X.Y` is at `scratch.X.Y`. Calling a module returns its output and the
way back: `y, back = module(x)`, and later `dx = back(dy)`.
"""

from . import models, nn, optim, random, training
from ._arrays import detach
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
