"""Flavours of a draw: numbers at which functions have kinks, ties and jumps.

Most draws are ordinary: no two numbers are equal, and none is exactly 0 or 1. What a
function does just there is told by the others.
"""

import numpy as np

ORDINARY = "ordinary"
EVERY = 3  # a draw of each so many is not ordinary
FILL = -1e9  # what masks are filled with
SHARE = 0.3  # of the numbers, where some of them are replaced
FEW = 0.05
LARGER = 1e4  # how far outliers lie out
DECADES = 6.0  # up and down, of mixed scales
NEXT = 2.0**-23  # the neighbour of 1 in float32


def flavour_of(entropy: list[int], draw: int) -> str:
    """Each flavour in its turn, at other draws in each case and from each seed."""
    if draw % EVERY != 1:
        return ORDINARY
    names = list(FLAVOURS)
    return names[(sum(entropy) + draw // EVERY) % len(names)]


def flavoured(x: np.ndarray, flavour: str, rng, kinks=(), low=-np.inf, high=np.inf):
    """`x` with numbers of this flavour, none of them outside `low` and `high`."""
    if flavour == ORDINARY or not x.size:
        return x
    made = FLAVOURS[flavour](x, rng, kinks or (0.0,))
    return np.asarray(np.clip(made, low, high))


def _some(x, rng, numbers, share=SHARE):
    chosen = rng.random(x.shape) < share
    chosen.flat[rng.integers(x.size)] = True
    return np.where(chosen, numbers, x)


def _at_kinks(x, rng, kinks):
    return _some(x, rng, rng.choice(kinks, x.shape))


def _next_to_kinks(x, rng, kinks):
    steps = rng.integers(-2, 3, x.shape) * NEXT
    return _some(x, rng, rng.choice(kinks, x.shape) * (1 + steps))


def _whole(x, rng, kinks):
    size = np.sqrt(np.mean(x * x)) or 1.0
    return np.rint(2 * x / size)


def _halves(x, rng, kinks):
    return _whole(2 * x, rng, kinks) / 2


def _ties(x, rng, kinks):
    return rng.choice(x.ravel()[:3], x.shape)


def _equal_along_rows(x, rng, kinks):
    return np.broadcast_to(x[..., :1], x.shape).copy() if x.ndim else x


def _mostly_zeros(x, rng, kinks):
    return _some(x, rng, 0.0, 1 - SHARE)


def _outliers(x, rng, kinks):
    return _some(x, rng, LARGER * x, FEW)


def _fills(x, rng, kinks):
    return _some(x, rng, FILL)


def _mixed_scales(x, rng, kinks):
    return x * 10 ** rng.uniform(-DECADES, DECADES, x.shape)


FLAVOURS = {
    "at kinks": _at_kinks,
    "next to kinks": _next_to_kinks,
    "whole numbers": _whole,
    "halves": _halves,
    "ties": _ties,
    "equal along rows": _equal_along_rows,
    "mostly zeros": _mostly_zeros,
    "outliers": _outliers,
    "fills": _fills,
    "mixed scales": _mixed_scales,
}

FAR = ("outliers", "fills", "mixed scales")  # those with more than one scale
