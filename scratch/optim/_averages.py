"""The running averages that most optimisers keep: of gradients, and of squares."""

import numpy as np


def lerp(start: np.ndarray, end: np.ndarray, weight: float, out: np.ndarray) -> None:
    """out = (1 - weight) start + weight end; `out` may be `start`.

    Written as a step from the nearer of the two, as in PyTorch, so that a weight of 1
    gives `end` to the last bit even where `start` is larger by many orders.
    """
    step = end - start
    if weight < 0.5:
        step *= weight
        np.add(start, step, out=out)
    else:
        step *= 1 - weight
        np.subtract(end, step, out=out)


def average_square(v: np.ndarray, g: np.ndarray, beta: float) -> np.ndarray:
    r"""$v \leftarrow \beta v + (1 - \beta)\, g^2$, in place.

    Returns the array of the second term, for the caller to write over.
    """
    square = (1 - beta) * g
    square *= g
    v *= beta
    v += square
    return square
