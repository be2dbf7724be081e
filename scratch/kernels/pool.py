"""Pooling over windows, made fast along one dimension after the other, or all at once.

Below the layers, whose formula is one maximum, or one sum, over a window. A window is
as good as its rows: the largest of the largest, the sum of the sums. So pooling can run
along one dimension after the other. `windows` says how the window slides along each of
them, as `Sliding` and `Adapting` do.
"""

import itertools
import math
from collections.abc import Callable

import numpy as np

from .._arrays import keep_where, sum_along
from .window import along


def largest(x: np.ndarray, windows: list) -> tuple[np.ndarray, Callable, Callable]:
    """The largest number of each window, its way back, and where it stood.

    Of equal numbers it is the first, of several NaN the last, in the order of reading;
    `indices()` counts through all dimensions in this order.

    A few large windows are looked through one by one. Otherwise all are at the same
    time, number by number: through small windows at once, through large ones along one
    dimension after the other. There the last dimension comes first, since the first of
    equal numbers stands in the first of the rows that have it.
    """
    by_axis = dict(enumerate(windows, start=2))
    one_by_one, at_once, apart = _costs(x.shape, windows)
    if one_by_one < min(at_once, apart) and _all_see_numbers(windows):
        return _largest_of_each(x, windows)
    steps, numbers = [], x
    order = by_axis if at_once <= apart else reversed(by_axis)
    for axis in order:
        y = _largest_along(numbers, axis, by_axis[axis])
        steps.append((numbers, y, {axis: by_axis[axis]}))
        numbers = y
    if at_once <= apart:
        steps = [(x, y, by_axis)]

    def back(dy):
        for numbers, maxima, searched in reversed(steps):
            dx = np.zeros(numbers.shape, x.dtype)
            for seen, out, hit in winners(numbers, maxima, searched):
                dx[seen] += keep_where(hit, dy[out])
            dy = dx
        return dy

    def indices():
        spatial = x.shape[2:]
        places = np.arange(math.prod(spatial)).reshape(1, 1, *spatial)
        for numbers, maxima, searched in steps:
            before = np.broadcast_to(places, numbers.shape)
            places = np.zeros(maxima.shape, np.int64)
            for seen, out, hit in winners(numbers, maxima, searched):
                np.copyto(places[out], before[seen], where=hit)
        return places

    return y, back, indices


# Nanoseconds, measured: `winners` for one more place and for a number there; a window
# alone, a row of it, and a number in it.
PLACE, MASKED = 10_000, 3
WINDOW, ROW, NUMBER = 25_000, 40, 1


def _costs(shape: tuple[int, ...], windows: list) -> tuple[float, float, float]:
    """What it takes to search all windows one by one, at once, or axis by axis."""
    numbers = seen = float(math.prod(shape))
    places, several, apart = 1, 1, 0.0
    for window in reversed(windows):
        taps = [*window.taps()]
        share = sum(len(range(window.out)[out]) for out, _ in taps) / window.length
        apart += PLACE * len(taps) + MASKED * numbers * share
        numbers *= window.out / window.length
        seen *= share
        places *= len(taps)
        several *= window.out
    rows = shape[0] * shape[1]
    one_by_one = several * (WINDOW + ROW * rows) + NUMBER * seen
    return one_by_one, PLACE * places + MASKED * seen, apart


def _all_see_numbers(windows: list) -> bool:
    """Whether no window, by its dilation, steps over all there is."""
    return all(len(range(w.length)[span]) for w in windows for span in w.spans())


def _largest_of_each(x: np.ndarray, windows: list) -> tuple:
    """As `largest`, one window after the other."""
    spatial = x.shape[2:]
    number = np.arange(math.prod(spatial)).reshape(spatial)
    y = np.empty((*x.shape[:2], math.prod(w.out for w in windows)), x.dtype)
    places = np.empty(y.shape, np.int64)
    for o, spans in enumerate(itertools.product(*(w.spans() for w in windows))):
        own = number[spans].ravel()
        seen = x[along(2, *spans)].reshape(*x.shape[:2], len(own))
        at = seen.argmax(axis=2, keepdims=True)  # the first, or the first NaN
        best = np.take_along_axis(seen, at, axis=2)
        if np.isnan(best).any():
            behind = np.isnan(seen[..., ::-1]).argmax(axis=2, keepdims=True)
            at = np.where(np.isnan(best), len(own) - 1 - behind, at)
        y[..., o], places[..., o] = best[..., 0], own[at[..., 0]]
    shape = *x.shape[:2], *(w.out for w in windows)

    def back(dy):
        dx = np.zeros(x.size, x.dtype)
        rows = np.arange(math.prod(x.shape[:2])).reshape(*x.shape[:2], 1)
        np.add.at(dx, (places + number.size * rows).ravel(), dy.ravel())
        return dx.reshape(x.shape)

    return y.reshape(shape), back, lambda: places.reshape(shape)


def _largest_along(x: np.ndarray, axis: int, window) -> np.ndarray:
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
    return y


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


def winners(x: np.ndarray, y: np.ndarray, by_axis: dict):
    """For each place in the window: the numbers there, their outputs, and a mask.

    The mask is true where that number was chosen: the first that equals the largest,
    or the last NaN, which equals nothing.
    """
    open_ = np.ones(y.shape, bool)
    axis = min(by_axis)  # of those that come one after the other
    places = [
        (along(axis, *(s for _, s in taps)), along(axis, *(o for o, _ in taps)))
        for taps in itertools.product(*(list(w.taps()) for w in by_axis.values()))
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
