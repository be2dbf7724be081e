"""What `scratch.random` writes by hand, from PyTorch."""

from torch import (
    Generator,
    bernoulli,
    multinomial,
    normal,
    rand,
    randint,
    randn,
    randperm,
)
from torch.random import (
    default_generator,
    fork_rng,
    get_rng_state,
    initial_seed,
    manual_seed,
    seed,
    set_rng_state,
)

__all__ = [
    "Generator",
    "bernoulli",
    "default_generator",
    "fork_rng",
    "get_rng_state",
    "initial_seed",
    "manual_seed",
    "multinomial",
    "normal",
    "rand",
    "randint",
    "randn",
    "randperm",
    "seed",
    "set_rng_state",
]
