"""Borders of a constant, or of the input's own: reflected, repeated, wrapped around.

They are copied line by line, and added line by line on the way back, which is fast: no
array of indices is made. Below the layers because all that pad, convolutions too, share
it.
"""

from collections.abc import Callable, Iterator

import numpy as np

from .window import along

MODES = ("zeros", "reflect", "replicate", "circular")


def border(x: np.ndarray, pads, mode: str, value=0) -> tuple[np.ndarray, Callable]:
    r"""x with so many numbers before and after it along each of its last dimensions.

    Along one dimension $y_j = x_{i(j)}$, or in mode "zeros" `value` where $j$ is
    outside x, and the dimensions follow one another; so back, the last one first,
    $dx_i = \sum_{j: i(j) = i} dy_j$.

    A negative number to pad takes away: before anything is wrapped around, but after
    it is reflected or repeated.

    Raises RuntimeError: more is to be reflected than is there without the edge, more to
    be wrapped around than is there, the edge of nothing is to be repeated, or more is
    to be taken away than is there.
    """
    first = x.ndim - len(pads)
    for axis, pad in enumerate(pads, start=first):
        _require_enough(x, axis, pad, mode)
    grown = [(max(before, 0), max(after, 0)) for before, after in pads]
    if grown == [*pads]:
        return _grow(x, grown, mode, value)
    sizes = x.shape[first:]
    if mode != "circular":
        sizes = [n + sum(pad) for n, pad in zip(sizes, grown, strict=True)]
    cut = (slice(None),) * first + tuple(
        slice(max(-before, 0), n - max(-after, 0))
        for n, (before, after) in zip(sizes, pads, strict=True)
    )

    def uncut(dy, shape):
        dx = np.zeros(shape, dy.dtype)
        dx[cut] = dy
        return dx

    if mode == "circular":
        y, ungrow = _grow(x[cut], grown, mode, value)
        return y, lambda dy: uncut(ungrow(dy), x.shape)
    y, ungrow = _grow(x, grown, mode, value)
    return y[cut], lambda dy: ungrow(uncut(dy, y.shape))


def _grow(x: np.ndarray, pads, mode: str, value) -> tuple[np.ndarray, Callable]:
    """`border` for numbers that are not negative."""
    first = x.ndim - len(pads)
    each = [*zip(x.shape[first:], pads, strict=True)]
    inside = ..., *(slice(before, before + n) for n, (before, _) in each)
    copies = [
        (along(axis, j), along(axis, i))
        for axis, (n, pad) in enumerate(each, start=first)
        for j, i in _sources(n, *pad, mode)
    ]
    y = np.empty((*x.shape[:first], *(n + sum(pad) for n, pad in each)), x.dtype)
    if mode == "zeros":
        y[...] = value
    y[inside] = x
    for target, source in copies:
        y[target] = y[source]

    def back(dy):
        if copies:
            dy = dy.copy()
        for target, source in reversed(copies):
            dy[source] += dy[target]
        return dy[inside]

    return y, back


def _sources(n: int, before: int, after: int, mode: str) -> Iterator[tuple[int, int]]:
    """For each place j in the border, the place i inside whose number it gets."""
    last = before + n - 1
    for j in (*range(before), *range(last + 1, last + 1 + after)):
        early = j < before
        if mode == "reflect":
            yield j, 2 * (before if early else last) - j
        elif mode == "replicate":
            yield j, before if early else last
        elif mode == "circular":
            yield j, j + n if early else j - n


def _require_enough(x: np.ndarray, axis: int, pad, mode: str) -> None:
    before, after = pad
    n = x.shape[axis]
    left = n + min(before, 0) + min(after, 0)
    most = {"reflect": n - 1, "circular": left, "replicate": np.inf if n else 0}
    if max(before, after) > most.get(mode, np.inf):
        raise RuntimeError(
            f"padding: at most {most[mode]} can be padded in mode {mode!r} at "
            f"dimension {axis} of an input of shape {x.shape}, got {before, after}"
        )
    least = 1 if mode in ("reflect", "replicate") else 0
    if n + before + after < least or (mode == "circular" and left < 0):
        raise RuntimeError(
            f"padding: {before, after} takes away more than there is at dimension "
            f"{axis} of an input of shape {x.shape}"
        )
