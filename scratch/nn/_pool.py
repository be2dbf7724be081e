"""Pooling over windows of any number of dimensions.

A window is as good as its rows: the largest of the largest, the sum of the sums. So
what is pooled runs along one dimension after the other. `windows` says how the window
slides along each of them; see `_window`.
"""

import itertools
import math

import numpy as np

from .._arrays import sum_along
from ._window import along


def largest(x: np.ndarray, windows: list) -> np.ndarray:
    for axis, window in enumerate(windows, start=2):
        y = _empty(x, axis, window)
        taps = [*window.taps()]
        if taps and taps[0][0] == slice(0, window.out):
            _, seen = taps.pop(0)
            y[...] = x[along(axis, seen)]
        else:
            y.fill(-np.inf)
        for out, seen in taps:
            part = y[along(axis, out)]
            np.maximum(part, x[along(axis, seen)], out=part)
        x = y
    return x


def sums(x: np.ndarray, windows: list) -> np.ndarray:
    if _one_of_all(windows):
        flat = x.reshape(*x.shape[:2], math.prod(x.shape[2:]))
        return sum_along(flat, -1).reshape(*x.shape[:2], *[1] * len(windows))
    for axis, window in enumerate(windows, start=2):
        y = _empty(x, axis, window)
        y.fill(0)
        for out, seen in window.taps():
            y[along(axis, out)] += x[along(axis, seen)]
        x = y
    return x


def spread(dy: np.ndarray, windows: list) -> np.ndarray:
    """The way back of `sums`: each number goes to all that were summed up."""
    if _one_of_all(windows):
        lengths = [window.length for window in windows]
        flat = dy.reshape(*dy.shape[:2], 1).repeat(math.prod(lengths), axis=2)
        return flat.reshape(*dy.shape[:2], *lengths)
    for axis, window in reversed([*enumerate(windows, start=2)]):
        shape = *dy.shape[:axis], window.length, *dy.shape[axis + 1 :]
        dx = np.zeros(shape, dy.dtype)
        for out, seen in window.taps():
            dx[along(axis, seen)] += dy[along(axis, out)]
        dy = dx
    return dy


def _one_of_all(windows: list) -> bool:
    """Whether there is a single window, with all of the input in it."""
    return all(w.out == 1 and w.counts(False)[0] == w.length for w in windows)


def _empty(x: np.ndarray, axis: int, window) -> np.ndarray:
    return np.empty((*x.shape[:axis], window.out, *x.shape[axis + 1 :]), x.dtype)


def winners(x: np.ndarray, y: np.ndarray, windows: list):
    """For each place in the window: the numbers there, their outputs, and a mask.

    The mask is true where that number was chosen: the first that equals the largest,
    or the last NaN, which equals nothing.
    """
    open_ = np.ones(y.shape, bool)
    places = [
        (along(2, *(s for _, s in taps)), along(2, *(o for o, _ in taps)))
        for taps in itertools.product(*(list(window.taps()) for window in windows))
    ]
    for seen, out in places:
        hit = x[seen] == y[out]
        hit &= open_[out]
        open_[out] ^= hit
        yield seen, out, hit
    if not open_.any():
        return
    for seen, out in reversed(places):
        hit = np.isnan(x[seen])
        hit &= open_[out]
        open_[out] ^= hit
        yield seen, out, hit


def indices(x: np.ndarray, y: np.ndarray, windows: list) -> np.ndarray:
    spatial = x.shape[2:]
    number = np.arange(np.prod(spatial)).reshape(1, 1, *spatial)
    indices = np.zeros(y.shape, np.int64)
    for seen, out, hit in winners(x, y, windows):
        np.copyto(indices[out], number[seen], where=hit)
    return indices
