"""What layers with windows are given: sizes along each dimension, and their input."""

import math

import numpy as np

from .._arrays import require_float_array, require_int


def sizes(name: str, value, dimensions: int, minimum=-math.inf) -> tuple[int, ...]:
    """One int for each dimension: `value` itself, or the same one for all.

    Raises TypeError: not an int, nor a tuple or list of ints. RuntimeError: another
    number of them, or one below `minimum`.
    """
    given = tuple(value) if isinstance(value, tuple | list) else (value,)
    for n in given:
        require_int(name, n)
        if n < minimum:
            raise RuntimeError(f"{name}: at least {minimum} was expected, got {value}")
    if len(given) not in (1, dimensions):
        raise RuntimeError(
            f"{name}: one int or {dimensions} were expected, got {len(given)}"
        )
    return given * dimensions if len(given) == 1 else given


def sizes_each(name: str, value, count: int, minimum=-math.inf) -> tuple[int, ...]:
    """As `sizes`, but a tuple or list must have one int for each."""
    if isinstance(value, tuple | list) and len(value) != count:
        raise RuntimeError(f"{name}: one int or {count} were expected, got {value}")
    return sizes(name, value, count, minimum)


def batched(x, dimensions: int) -> np.ndarray:
    """x (N, C, *spatial), or (C, *spatial) with a dimension N = 1 put before it.

    Raises TypeError: not an array. RuntimeError: not of floats, or another number of
    dimensions.
    """
    require_float_array("input", x)
    if x.ndim not in (dimensions + 1, dimensions + 2):
        raise RuntimeError(
            f"input: {dimensions + 1} dimensions (without a batch) or "
            f"{dimensions + 2} were expected, got shape {x.shape}"
        )
    return np.asarray(x if x.ndim == dimensions + 2 else x[None])


def require_numbers(x: np.ndarray, first: int) -> None:
    """Raise RuntimeError if a dimension of x from `first` on is empty."""
    if math.prod(x.shape[first:]) == 0:
        raise RuntimeError(
            f"input: shape {x.shape} has an empty dimension other than the batch"
        )
