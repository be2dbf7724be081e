"""The default random stream, and draws from it by the names that they have in `torch`.

`manual_seed(s)` here and `torch.manual_seed(s)` there start the same stream. How its
numbers are made stands in `_generator.py`.
"""

from contextlib import contextmanager

import numpy as np

from ._generator import Generator

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

default_generator = Generator()
default_generator.seed()


def manual_seed(seed) -> Generator:
    """Start the default stream of int(seed), and return its generator."""
    return default_generator.manual_seed(int(seed))


def seed() -> int:
    """Start the default stream anew, unpredictably; return the seed."""
    return default_generator.seed()


def initial_seed() -> int:
    return default_generator.initial_seed()


def get_rng_state() -> np.ndarray:
    return default_generator.get_state()


def set_rng_state(new_state) -> None:
    default_generator.set_state(new_state)


@contextmanager
def fork_rng(enabled: bool = True):
    """Whatever is drawn in the block, the default stream then goes on as before."""
    state = get_rng_state()
    try:
        yield
    finally:
        if enabled:
            set_rng_state(state)


def chosen_generator(generator: Generator | None) -> Generator:
    """`generator`, or the default one for None. Raises: TypeError for anything else."""
    if generator is None:
        return default_generator
    if not isinstance(generator, Generator):
        raise TypeError(f"generator: expected a Generator, got {generator!r}")
    return generator


def rand(*size, generator=None, dtype=None) -> np.ndarray:
    """Uniform in [0, 1). Sizes are given one by one or as one sequence."""
    return chosen_generator(generator).uniform(_sizes(size), dtype=dtype or np.float32)


def randn(*size, generator=None, dtype=None) -> np.ndarray:
    """Normal with mean 0 and variance 1. Sizes one by one or as one sequence."""
    return chosen_generator(generator).normal(_sizes(size), dtype=dtype or np.float32)


def _sizes(size):
    if not size:
        raise TypeError("size: expected at least one int or one sequence of ints")
    return size[0] if len(size) == 1 else size


def randint(low=0, high=None, size=None, *, generator=None, dtype=None) -> np.ndarray:
    """Integers in [low, high): `randint(high, size)` or `randint(low, high, size)`."""
    if size is None:
        low, high, size = 0, low, high
    elif high is None:
        low, high = 0, low
    return chosen_generator(generator).randint(low, high, size, dtype or np.int64)


def randperm(n, *, generator=None, dtype=None) -> np.ndarray:
    """The numbers 0 ... n-1 in random order."""
    return chosen_generator(generator).randperm(n).astype(dtype or np.int64, copy=False)


def bernoulli(input, p=None, *, generator=None) -> np.ndarray:
    """1 with the probabilities `input`, or all with `p` in the shape of `input`."""
    if not isinstance(input, np.ndarray):
        raise TypeError(f"input: expected an array, got {type(input).__name__}")
    generator = chosen_generator(generator)
    if p is None:
        return generator.bernoulli(input)
    return generator.bernoulli(float(p), input.shape, input.dtype)


def normal(mean=0.0, std=1.0, size=None, *, generator=None, dtype=None) -> np.ndarray:
    """Normal, of numbers `mean` and `std` and a `size`, or of arrays without a size.

    With arrays the standard draw is multiplied and shifted, each with its own rounding;
    the result has the dtype of `mean` if that is an array, else of `std`.
    """
    generator = chosen_generator(generator)
    arrays = [a for a in (mean, std) if isinstance(a, np.ndarray)]
    if (size is None) != bool(arrays):
        raise TypeError("normal: expected either a size or an array as mean or std")
    if not arrays:
        return generator.normal(size, mean, std, dtype or np.float32)
    if not np.all(np.asarray(std) >= 0):
        raise RuntimeError("normal: expected std >= 0 everywhere")
    try:
        shape = np.broadcast_shapes(*(a.shape for a in arrays))
    except ValueError as error:
        raise RuntimeError(f"normal: mean and std do not fit: {error}") from None
    if isinstance(std, np.ndarray):
        drawn = generator.normal(shape, dtype=arrays[0].dtype)
        drawn *= std
    else:
        drawn = generator.normal(shape, std=std, dtype=arrays[0].dtype)
    drawn += mean
    return drawn


def multinomial(input, num_samples, replacement=False, *, generator=None) -> np.ndarray:
    """Indices drawn with the weights `input`; see `Generator.multinomial`."""
    if not isinstance(input, np.ndarray):
        raise TypeError(f"input: expected an array, got {type(input).__name__}")
    return chosen_generator(generator).multinomial(input, num_samples, replacement)
