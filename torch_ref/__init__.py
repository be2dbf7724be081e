"""The mirror of `scratch`: the same names, with PyTorch's `nn` and autograd."""

from torch import (
    Generator,
    bernoulli,
    detach,
    get_rng_state,
    initial_seed,
    manual_seed,
    multinomial,
    normal,
    rand,
    randint,
    randn,
    randperm,
    seed,
    set_rng_state,
)

from . import models, nn, optim, random, training

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
