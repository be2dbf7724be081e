"""Who is measured together: the elements of a tensor, without those that are at rest,
and where a candidate has no float64 split by their size.
"""

import numpy as np

from .dtypes import Precision
from .sizes import Size, parts

ALL = ...
"""The pool of every element."""


def at_rest(c: np.ndarray, r: np.ndarray, ray: np.ndarray | None):
    """The pool without the elements that are equal on both sides and that no rounding
    moves: a mask's fill, however large, carries none.

    `ray` is how far each element moves along a ray.
    """
    if ray is None or c.shape != r.shape or ray.shape != parts(r).shape:
        return ALL
    still = (parts(c) == parts(r)) & (ray == 0)
    return ~still if still.any() and not still.all() else ALL


def bands(magnitude: np.ndarray, precision: Precision, among=ALL) -> list:
    """The elements by size: each band spans a third of the digits, from its largest.

    What is rounding beside a large number is not beside a small one. Zeros belong to
    the first band.
    """
    width = 2.0 ** -(precision.digits / 3)
    chosen = np.isfinite(magnitude)
    if among is not ALL:
        chosen &= among
    magnitude = np.where(chosen, magnitude, 0)
    top = float(magnitude.max(initial=0.0))
    left = magnitude > 0
    if top == 0 or float(magnitude.min(where=left, initial=np.inf)) >= top * width:
        return [among]
    found = []
    while top > 0:
        members = left & (magnitude >= top * width)
        left &= ~members
        found.append(members)
        top = float(magnitude.max(where=left, initial=0.0))
    found[0] |= chosen & (magnitude == 0)
    return found


def grain(x: np.ndarray, of_zero: float) -> np.ndarray:
    """The value of the last binary digit that is not 0, of every number.

    What is left of larger numbers after a subtraction has their grain, and no digits
    below; of 0 nothing is left. A wrong number has all its digits.
    """
    x = np.where(np.isfinite(x), x, 0)
    mantissa, exponent = np.frexp(np.asarray(x, np.float64))
    whole = np.abs(mantissa * 2.0**53).astype(np.int64)
    low = (whole & -whole).astype(np.float64)
    return np.where(whole == 0, of_zero, np.ldexp(low, exponent - 53))


class Gauge:
    """How far the elements of each pool of a tensor move, and how far they are off.

    Only sizes are kept, the largest of each, so that memory does not grow with the
    number of runs that are made.
    """

    def __init__(self, pools: list, step: float = 1.0):
        self.pools = pools
        self.step = step  # of what moved
        self.moved = [Size()] * len(pools)
        self.own = [Size()] * len(pools)
        self.own_mine = [Size()] * len(pools)

    def movement(self, i: int, roundoff: float) -> Size:
        """How far a rounding of `roundoff` moves the elements of pool i."""
        return self.moved[i] * (roundoff / self.step)

    def see(self, what: str, difference: np.ndarray) -> None:
        """A difference of two runs: `what` is "moved", "own" or "own_mine"."""
        sizes = getattr(self, what)
        for i, members in enumerate(self.pools):
            sizes[i] |= Size.of(difference[members])


def gauge(c, r, ray, step: float) -> Gauge:
    """For all elements that are not at rest."""
    found = Gauge([at_rest(c, r, ray)], step)
    if ray is not None and ray.shape == parts(r).shape:
        found.see("moved", ray)
    return found


def gauge_by_size(c, t, r, ray, step: float, precision: Precision) -> Gauge:
    """The same in bands of size, of the larger of the candidate and the truth."""
    among = at_rest(c, r, ray)
    if c.shape != t.shape:
        return gauge(c, r, ray, step)
    finite = np.isfinite(parts(c)) & np.isfinite(parts(r))
    size = np.fmax(np.abs(parts(t)), np.abs(np.where(finite, parts(c), 0)))
    found = Gauge(bands(np.asarray(size, np.float64), precision, among), step)
    if ray is not None and ray.shape == parts(r).shape:
        found.see("moved", ray)
    return found
