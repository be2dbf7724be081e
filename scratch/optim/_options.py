"""The options of optimisers: plain Python numbers, within their ranges."""

import numpy as np


def plain(value):
    """`value` with NumPy numbers, also those inside a tuple, as Python numbers.

    A NumPy float64 would turn float32 arithmetic into float64, a Python float does not.
    """
    if isinstance(value, tuple | list):
        return type(value)(plain(v) for v in value)
    if isinstance(value, np.generic):
        return value.item()
    if hasattr(value, "__array__") and np.asarray(value).size == 1:
        return np.asarray(value).item()
    return value


def require_at_least_0(**options) -> None:
    for name, value in options.items():
        if np.size(value) != 1:
            raise ValueError(f"{name}: one number was expected, got {value}")
        if not value >= 0:
            raise ValueError(f"{name}: at least 0 was expected, got {value}")


def require_betas(betas) -> None:
    for i, beta in enumerate(betas):
        if not 0 <= beta < 1:
            raise ValueError(f"betas[{i}]: expected in [0, 1), got {beta}")
