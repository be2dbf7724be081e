r"""Convolution as matrix products, which are fast: each window is laid out as a row.

Below the layers, whose formula is a sum over offsets. `x` is (N, C, *spatial), `W` is
(O, C / G, *kernel), `y` is (N, O, *out), for any number of spatial dimensions and G
groups; `pads` says how many zeros come before and after x along each dimension. With
the windows as rows $X$, one row for each output position, $Y = X W^\top$; hence
$dW = dY^\top X$ and $dX = dY\, W$, whose numbers go back to where those of $X$ were
taken from.

The rows hold each number once for every window that it is in. They are made in blocks
that stay in the cache, and are made anew for the way back rather than kept. Channels
come last in them, so that a whole row of the kernel is copied at once.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import as_strided

from .._arrays import sum_rows
from . import depthwise

BLOCK_BYTES = 1 << 20  # of rows: what fits into a second-level cache
SHORTEST = 256  # rows: below, a product is not worth its start
NARROWEST = 32  # positions: below, samples are better taken together


@dataclass(frozen=True)
class Unfolding:
    """How the windows lie: the kernel's steps, the gaps in it, the channels' groups."""

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int = 1

    @property
    def reach(self) -> tuple[int, ...]:
        """How far a window extends beyond its first number."""
        sizes = zip(self.kernel, self.dilation, strict=True)
        return tuple(d * (k - 1) for k, d in sizes)

    def out(self, spatial: tuple[int, ...], pads) -> tuple[int, ...]:
        """How many windows fit along each dimension."""
        sizes = zip(spatial, pads, self.reach, self.stride, strict=True)
        return tuple((n + sum(pad) - reach - 1) // s + 1 for n, pad, reach, s in sizes)

    def pointwise(self, x: np.ndarray, pads) -> bool:
        """Whether x, as it lies there, is the windows' matrix, and wide enough."""
        alone = {*self.kernel} == {*self.stride} == {1} and not any(map(any, pads))
        return alone and math.prod(x.shape[2:]) >= NARROWEST

    def windows(self, x: np.ndarray, out: tuple[int, ...]) -> np.ndarray:
        """A view of x (N, *spatial, C) as (G, N, *out, *kernel, C / G)."""
        sample, *inner, channel = x.strides
        each = x.shape[-1] // self.groups
        steps = [step * s for step, s in zip(inner, self.stride, strict=True)]
        taps = [step * d for step, d in zip(inner, self.dilation, strict=True)]
        shape = self.groups, len(x), *out, *self.kernel, each
        return as_strided(x, shape, (each * channel, sample, *steps, *taps, channel))

    def grouped(self, y: np.ndarray) -> np.ndarray:
        """A view of y (N, O, *out) as (G, O / G, N, *out)."""
        n, channels, *out = y.shape
        split = y.reshape(n, self.groups, channels // self.groups, *out)
        return np.moveaxis(split, 0, 2)

    def matrix(self, W: np.ndarray) -> np.ndarray:
        """W (O, C / G, *kernel) as (G, O / G, kernel * C / G)."""
        last = np.moveaxis(W, 1, -1)
        return last.reshape(self.groups, len(W) // self.groups, math.prod(W.shape[1:]))

    def kernels(self, matrix: np.ndarray) -> np.ndarray:
        """The way back of `matrix`."""
        outputs = self.groups * matrix.shape[1]
        each = matrix.shape[2] // math.prod(self.kernel)
        last = matrix.reshape(outputs, *self.kernel, each)
        return np.ascontiguousarray(np.moveaxis(last, -1, 1))

    def blocks(self, n: int, out: tuple[int, ...], row_bytes: int) -> Iterator[tuple]:
        """Parts of the positions (N, *out): which samples, and which of the first."""
        length, area = out[0], math.prod(out[1:])
        most = max(SHORTEST, BLOCK_BYTES // max(row_bytes, 1))
        samples = max(1, min(n, most // max(length * area, 1)))
        lines = length if samples > 1 else max(1, min(length, most // max(area, 1)))
        for i in range(0, n, samples):
            for first in range(0, length, lines):
                yield slice(i, i + samples), slice(first, min(first + lines, length))

    def seen(self, lines: slice, spatial: tuple[int, ...], pads) -> list[range]:
        """The places in x, or in its padding, that these lines of the output see."""
        first = lines.start * self.stride[0] - pads[0][0]
        last = (lines.stop - 1) * self.stride[0] - pads[0][0] + self.reach[0]
        others = zip(spatial[1:], pads[1:], strict=True)
        return [
            range(first, last + 1),
            *(range(-before, n + after) for n, (before, after) in others),
        ]


def convolve(x, W, bias, pads, how: Unfolding) -> np.ndarray:
    """Y = X W^T + b."""
    if depthwise.fits(x, W, how):
        return depthwise.convolve(x, W, bias, pads, how)
    if how.pointwise(x, pads):
        y = how.matrix(W) @ _flat(x, how)
        y = y.reshape(len(x), len(W), *x.shape[2:])
        if bias is not None:
            y += bias.reshape(-1, *(1,) * len(how.kernel))
        return y
    spatial = x.shape[2:]
    out = how.out(spatial, pads)
    y = np.empty((len(x), len(W), *out), x.dtype)
    W, into = how.matrix(W), how.grouped(y)
    if bias is not None:
        bias = bias.reshape(how.groups, 1, -1)
    for some, lines in how.blocks(len(x), out, W.shape[2] * x.itemsize):
        X = _rows(x[some], lines, out, spatial, pads, how)
        Y = X @ W.swapaxes(1, 2)
        if bias is not None:
            Y += bias
        target = np.moveaxis(into[:, :, some, lines], 1, -1)
        target[...] = Y.reshape(target.shape)
    return y


def kernel_gradient(x, dy, W, pads, how: Unfolding) -> np.ndarray:
    """dW = dY^T X."""
    if depthwise.fits(x, W, how):
        return depthwise.kernel_gradient(x, dy, pads, how)
    if how.pointwise(x, pads):
        products = _flat(dy, how) @ _flat(x, how).swapaxes(2, 3)
        return sum_rows(products).reshape(W.shape)
    spatial, out = x.shape[2:], dy.shape[2:]
    shape = how.groups, len(W) // how.groups, math.prod(W.shape[1:])
    dW, dy = np.zeros(shape, x.dtype), how.grouped(dy)
    for some, lines in how.blocks(len(x), out, shape[2] * x.itemsize):
        X = _rows(x[some], lines, out, spatial, pads, how)
        dW += _columns(dy[:, :, some, lines]) @ X
    return how.kernels(dW)


def input_gradient(dy, W, spatial, pads, how: Unfolding) -> np.ndarray:
    r"""dx, of the given spatial shape.

    With a stride of 1 it is itself a convolution, of dy with the flipped kernel: from
    $y_p = \sum_k W_k\, x_{p + k}$ follows $dx_q = \sum_k W_k^\top\, dy_{q - k}$.
    Otherwise $dX = dY\, W$ is added up, one offset in the kernel after the other.
    """
    out = dy.shape[2:]
    if set(how.stride) == {1}:
        outputs, each = W.shape[:2]
        flipped = np.flip(W, range(2, W.ndim))
        flipped = flipped.reshape(how.groups, outputs // how.groups, each, *how.kernel)
        flipped = np.ascontiguousarray(flipped.swapaxes(1, 2))
        flipped = flipped.reshape(how.groups * each, outputs // how.groups, *how.kernel)
        margins = [
            (reach - before, n - size + before)
            for reach, (before, _), n, size in zip(
                how.reach, pads, spatial, out, strict=True
            )
        ]
        return convolve(dy, flipped, None, margins, how)
    dx = np.zeros((len(dy), W.shape[1] * how.groups, *spatial), dy.dtype)
    W, dy = how.matrix(W), how.grouped(dy)
    for some, lines in how.blocks(len(dx), out, W.shape[2] * dy.itemsize):
        places = how.seen(lines, spatial, pads)
        part = dx[some]
        padded = np.zeros((len(part), *map(len, places), dx.shape[1]), dy.dtype)
        windows = how.windows(padded, (lines.stop - lines.start, *out[1:]))
        dX = _columns(dy[:, :, some, lines]).swapaxes(1, 2) @ W
        dX = dX.reshape(windows.shape)
        axes = (slice(None),) * (1 + dy.ndim - 2)  # groups, samples and *out
        for offset in np.ndindex(how.kernel):  # at one offset no number stands twice
            windows[*axes, *offset] += dX[*axes, *offset]
        own, within = _inside(places, spatial)
        part[:, :, *own] += np.moveaxis(padded[:, *within], -1, 1)
    return dx


def take(x: np.ndarray, places: list[range]) -> np.ndarray:
    """x (N, C, *spatial) at these places as (N, *places, C), 0 where x does not reach.

    A view if all of the places are within x.
    """
    own, within = _inside(places, x.shape[2:])
    inside = np.moveaxis(x[:, :, *own], 1, -1)
    shape = len(x), *map(len, places), x.shape[1]
    if inside.shape == shape:
        return inside
    padded = np.zeros(shape, x.dtype)
    padded[:, *within] = inside
    return padded


def _inside(places: list[range], spatial) -> tuple[list[slice], list[slice]]:
    """Where the places are within x: the part of x, and the part of the places."""
    own, within = [], []
    for place, n in zip(places, spatial, strict=True):
        start = min(max(place.start, 0), n)
        stop = max(min(place.stop, n), start)
        own.append(slice(start, stop))
        start, stop = max(start - place.start, 0), max(stop - place.start, 0)
        within.append(slice(start, stop))
    return own, within


def _rows(part, lines: slice, out, spatial, pads, how: Unfolding) -> np.ndarray:
    """The windows of some lines of the output as rows, (G, rows, kernel * C / G)."""
    x = np.ascontiguousarray(take(part, how.seen(lines, spatial, pads)))
    windows = how.windows(x, (lines.stop - lines.start, *out[1:]))
    rows = math.prod(windows.shape[1 : part.ndim])
    return windows.reshape(how.groups, rows, math.prod(how.kernel) * windows.shape[-1])


def _flat(x: np.ndarray, how: Unfolding) -> np.ndarray:
    """(N, C, *spatial) as (N, G, C / G, positions)."""
    n, channels, *spatial = x.shape
    return x.reshape(n, how.groups, channels // how.groups, math.prod(spatial))


def _columns(dy: np.ndarray) -> np.ndarray:
    """dy (G, O / G, n, *out) with all positions in one, as (G, O / G, n * out)."""
    return dy.reshape(*dy.shape[:2], math.prod(dy.shape[2:]))
