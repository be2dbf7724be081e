"""Borders made of the input's own numbers: reflected, repeated or wrapped around."""

from collections.abc import Callable

import numpy as np

MODES = ("zeros", "reflect", "replicate", "circular")


def border(x: np.ndarray, pads, mode: str) -> tuple[np.ndarray, Callable]:
    """x with so many numbers before and after it along each spatial dimension.

    x is (N, C, *spatial). Along one dimension $y_j = x_{i(j)}$, and the dimensions
    follow one another; so back, the last one first, $dx_i = \\sum_{j: i(j) = i} dy_j$.

    Raises RuntimeError: more is to be reflected than is there without the edge, more to
    be wrapped around than is there, or the edge of nothing is to be repeated.
    """
    ways = []
    y = x
    for axis, (before, after) in enumerate(pads, start=2):
        n = x.shape[axis]
        most = {"reflect": n - 1, "circular": n}.get(mode, np.inf if n else 0)
        if max(before, after) > most:
            raise RuntimeError(
                f"padding: at most {most} can be padded with padding_mode={mode!r} at "
                f"dimension {axis} of an input of shape {x.shape}, got {before, after}"
            )
        source = _source(n, before, after, mode)
        y = y.take(source, axis)
        ways.append((axis, before, n, source))

    def back(dy):
        for axis, before, n, source in reversed(ways):
            dy = _sum_back(np.moveaxis(dy, axis, 0), before, n, source)
            dy = np.moveaxis(dy, 0, axis)
        return dy

    return y, back


def _source(n: int, before: int, after: int, mode: str) -> np.ndarray:
    """i(j): from where each number of the padded dimension is taken."""
    i = np.arange(-before, n + after)
    if mode == "circular":
        return i % max(n, 1)
    if mode == "replicate":
        return i.clip(0, max(n - 1, 0))
    return n - 1 - np.abs(n - 1 - np.abs(i))  # reflected at both ends


def _sum_back(dy: np.ndarray, before: int, n: int, source: np.ndarray) -> np.ndarray:
    """dx along the first axis: the middle as it is, and each border number added."""
    dx = dy[before : before + n].copy()
    for j in (*range(before), *range(before + n, len(source))):
        dx[source[j]] += dy[j]
    return dx
