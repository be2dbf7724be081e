r"""Reading a line of numbers at other places, made fast by small matrix products.

Nearest, linear and cubic: along one dimension $y_o = \sum_k w_{ko}\, x_{i_k(o)}$, with
1, 2 or 4 taps $k$; so back $dx_i = \sum_{k, o:\, i_k(o) = i} w_{ko}\, dy_o$. As a
matrix that is $y = M x$ and $dx = M^\top dy$. Each row of $M$ holds a few numbers
around the diagonal, so a block of outputs needs a short piece of x, and is one small
product. Below the layers because the blocks, and weights rounded as PyTorch rounds
them, hide the formula.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

MODES = ("nearest", "linear", "bilinear", "bicubic", "trilinear", "nearest-exact")
BLOCK = 64  # outputs, or inputs if there are more of them, in one product
CUBIC = -0.75  # the slope that PyTorch's cubic kernel has where it first becomes 0


@dataclass(frozen=True)
class Taps:
    """Which numbers of a line of `length` each output sees, (K, out), and how much."""

    length: int
    index: np.ndarray
    weight: np.ndarray

    @property
    def copies(self) -> bool:
        """Whether each output is one of the inputs."""
        return len(self.index) == 1

    @cached_property
    def blocks(self) -> list[tuple[slice, slice, np.ndarray]]:
        """Which outputs, which inputs they see, and this part of the matrix."""
        return [*self._blocks()]

    def _blocks(self) -> Iterator[tuple[slice, slice, np.ndarray]]:
        out = self.index.shape[1]
        most = max(8, BLOCK * min(out, self.length) // max(self.length, 1))
        for first in range(0, out, most):
            outputs = slice(first, min(first + most, out))
            seen = self.index[:, outputs]
            inputs = slice(seen.min(), seen.max() + 1)
            rows = np.arange(seen.shape[1])
            M = np.zeros((len(rows), inputs.stop - inputs.start), self.weight.dtype)
            for index, weight in zip(seen, self.weight[:, outputs], strict=True):
                M[rows, index - inputs.start] += weight
            yield outputs, inputs, M


def taps(length: int, out: int, mode: str, align: bool, factor, dtype) -> Taps:
    """Where `out` numbers are read from `length` of them.

    `factor` is the ratio of both that was asked for, or None for that of both sizes.
    Places are computed in `dtype` and in PyTorch's order, so that one that is a whole
    number in theory is rounded to the same side.
    """
    o = np.arange(out, dtype=dtype)
    if align:
        step = dtype.type(length - 1) / dtype.type(out - 1) if out > 1 else 0
        at = o * dtype.type(step)
    else:
        step = dtype.type(length / out if factor is None else 1 / factor)
        at = o * step if mode == "nearest" else _centres(float(step), o).astype(dtype)
    last = length - 1
    if mode in ("nearest", "nearest-exact"):
        if mode == "nearest-exact":
            at = np.maximum(at, 0) + 0.5
        index = np.floor(at.astype(np.float32)).astype(np.intp)
        return Taps(length, index.clip(0, last)[None], np.ones((1, out), dtype))
    if mode == "bicubic":
        index = np.minimum(np.floor(at).astype(np.intp), last)
        weight = _cubic((at - index).clip(0, 1))
        index = index + np.arange(-1, 3)[:, None]
        return Taps(length, index.clip(0, last), weight)
    if out == length:
        at = o  # PyTorch copies, whatever the factor
    at = np.maximum(at, 0)
    index = np.minimum(at.astype(np.intp), last)
    weight = (at - index).clip(0, 1)
    after = np.minimum(index + 1, last) if out != length else index
    return Taps(length, np.stack([index, after]), np.stack([1 - weight, weight]))


def _centres(step: float, o: np.ndarray) -> np.ndarray:
    """step * (o + 0.5) - 0.5, rounded once, as processors multiply and add in one go.

    Far along the line a second rounding would be large beside the distance from the
    number before. What the product lost is the product of both factors' halves, of 26
    digits each, less what it is (Dekker, 1971); for places from 0 on, 0.5 is taken
    away without a loss.
    """
    centre = o + np.float64(0.5)
    product = step * centre
    (high, low), (upper, lower) = _halves(step), _halves(centre)
    lost = ((high * upper - product) + high * lower + low * upper) + low * lower
    return (product - 0.5) + lost


def _halves(x):
    """x as a sum of two numbers of half as many digits."""
    shifted = x * (2.0**27 + 1)
    high = shifted - (shifted - x)
    return high, x - high


def _cubic(t: np.ndarray) -> np.ndarray:
    """The weights of the four numbers around a place t beyond the second one."""

    def near(d):
        return ((CUBIC + 2) * d - (CUBIC + 3)) * d * d + 1

    def far(d):
        return ((CUBIC * d - 5 * CUBIC) * d + 8 * CUBIC) * d - 4 * CUBIC

    return np.stack([far(t + 1), near(t), near(1 - t), far(2 - t)])


def read(x: np.ndarray, lines: list[Taps]) -> np.ndarray:
    """y = M x along each of the last dimensions, the last one first."""
    finite = math.isfinite(x.sum())
    for axis, line in reversed([*enumerate(lines, start=x.ndim - len(lines))]):
        if line.copies:
            x = x.take(line.index[0], axis)
        elif finite:
            x = _products(x, axis, line)
        else:  # a product with 0 would carry NaN and infinity to all of its block
            weight = line.weight.reshape(
                *line.weight.shape, *(1,) * (x.ndim - axis - 1)
            )
            each = zip(weight, line.index, strict=True)
            x = sum(w * x.take(index, axis) for w, index in each)
    return x


def spread(dy: np.ndarray, lines: list[Taps]) -> np.ndarray:
    """dx = M^T dy along each of the last dimensions, the first one first."""
    finite = math.isfinite(dy.sum())
    for axis, line in enumerate(lines, start=dy.ndim - len(lines)):
        if finite:
            dy = _products_back(dy, axis, line)
            continue
        upstream = np.moveaxis(dy, axis, 0)
        dx = np.zeros((line.length, *upstream.shape[1:]), dy.dtype)
        for weight, index in zip(line.weight, line.index, strict=True):
            weight = weight.reshape(-1, *(1,) * (dy.ndim - 1))
            np.add.at(dx, index, weight * upstream)
        dy = np.moveaxis(dx, 0, axis)
    return dy


def _products(x: np.ndarray, axis: int, line: Taps) -> np.ndarray:
    x, shape = _flat(x, axis)
    y = np.empty((len(x), line.index.shape[1], x.shape[2]), x.dtype)
    for outputs, inputs, M in line.blocks:
        if x.shape[2] == 1:
            np.matmul(x[:, inputs, 0], M.T, out=y[:, outputs, 0])
        else:
            np.matmul(M, x[:, inputs], out=y[:, outputs])
    return y.reshape(*shape[:axis], y.shape[1], *shape[axis + 1 :])


def _products_back(dy: np.ndarray, axis: int, line: Taps) -> np.ndarray:
    dy, shape = _flat(dy, axis)
    dx = np.zeros((len(dy), line.length, dy.shape[2]), dy.dtype)
    for outputs, inputs, M in line.blocks:
        if dy.shape[2] == 1:
            dx[:, inputs, 0] += dy[:, outputs, 0] @ M
        else:
            dx[:, inputs] += M.T @ dy[:, outputs]
    return dx.reshape(*shape[:axis], line.length, *shape[axis + 1 :])


def _flat(x: np.ndarray, axis: int) -> tuple[np.ndarray, tuple[int, ...]]:
    """x as (before, along the axis, behind), and its shape."""
    before, behind = math.prod(x.shape[:axis]), math.prod(x.shape[axis + 1 :])
    return x.reshape(before, x.shape[axis], behind), x.shape
