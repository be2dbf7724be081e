"""The windows of an image as columns, and back."""

import itertools
import math
from collections.abc import Iterator

import numpy as np

from .._arrays import require_float_array
from ..bases.window_inputs import batched, require_numbers, sizes_each
from ..kernels.window import Sliding
from ..module import Module

__all__ = ["Fold", "Unfold"]


class _Windows(Module):
    """What `Fold` and `Unfold` share: the options, and both directions."""

    def _set(self, kernel_size, dilation, padding, stride) -> None:
        sizes_each("kernel_size", kernel_size, 2, 1)
        sizes_each("dilation", dilation, 2, 1)
        sizes_each("padding", padding, 2, 0)
        sizes_each("stride", stride, 2, 1)
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def _windows(self, spatial) -> list[Sliding]:
        """How the window slides along each dimension of an image."""
        names = "kernel_size", "stride", "padding", "dilation"
        options = [sizes_each(name, getattr(self, name), 2) for name in names]
        return [Sliding(*numbers) for numbers in zip(spatial, *options, strict=True)]

    def extra_repr(self):
        return (
            f"kernel_size={self.kernel_size}, dilation={self.dilation}, "
            f"padding={self.padding}, stride={self.stride}"
        )


def _places(windows: list[Sliding]) -> Iterator[tuple[tuple, tuple]]:
    """For each offset in the window: where its numbers stand in columns and image."""
    each = [enumerate(window.taps()) for window in windows]
    for offset in itertools.product(*each):
        taps, slices = zip(*offset, strict=True)
        out, seen = zip(*slices, strict=True)
        yield (..., *taps, *out), (..., *seen)


def _unfold(x: np.ndarray, windows: list[Sliding]) -> np.ndarray:
    """(N, C, *spatial) -> (N, C, *kernel, *out), 0 where a window sees padding."""
    kernel, out = [w.kernel for w in windows], [w.out for w in windows]
    columns = np.zeros((*x.shape[:2], *kernel, *out), x.dtype)
    for column, pixel in _places(windows):
        columns[column] = x[pixel]
    return columns


def _fold(columns: np.ndarray, windows: list[Sliding]) -> np.ndarray:
    """(N, C, *kernel, *out) -> (N, C, *spatial), the sum over all that see a pixel."""
    spatial = [w.length for w in windows]
    x = np.zeros((*columns.shape[:2], *spatial), columns.dtype)
    for column, pixel in _places(windows):
        x[pixel] += columns[column]
    return x


class Unfold(_Windows):
    r"""Every window of an image as a column: "im2col".

    Forward: column $p$ holds what a kernel at place $p$ sees,
    $y_{n,(c,k),p} = x_{n,c,\,sp + dk - P}$, or 0 in the padding, with $s$ = `stride`,
    $d$ = `dilation` and $P$ = `padding`; $p$ and $k$ have two coordinates each and are
    counted row by row.

    Backward: a number that $m$ windows see stands in $m$ columns, so its gradients
    are added up: $dx_{ncq} = \sum_{p, k:\, sp + dk - P = q} dy_{n,(c,k),p}$, that is
    what `Fold` does.

    A convolution is a product with these columns, $W y$.

    Shape: $x$ (N, C, H, W) or (C, H, W), $y$ (N, C $\cdot \prod K_i$, M) or without N,
    $M = \prod_i (\lfloor (S_i + 2 P_i - d_i (K_i - 1) - 1) / s_i \rfloor + 1)$ with
    $S$ = (H, W).

    Source: Chellapilla et al., High performance convolutional neural networks for
    document processing, 2006.

    Raises:
        TypeError: a size is not an int; `x` is not an array.
        RuntimeError: a size is out of range, or of three dimensions; `x` has another
            number of dimensions, or is too small for the window.
    """

    def __init__(self, kernel_size, dilation=1, padding=0, stride=1):
        self._set(kernel_size, dilation, padding, stride)

    def forward(self, x):
        X = batched(x, 2)
        require_numbers(X, 1)
        windows = self._windows(X.shape[2:])
        if min(w.out for w in windows) < 1:
            raise RuntimeError(
                f"input: shape {x.shape} is too small for kernel_size = "
                f"{self.kernel_size}"
            )
        columns = _unfold(X, windows)
        lead = x.shape[:-3]
        rows = math.prod(columns.shape[1:4])

        def back(dy):
            return _fold(dy.reshape(columns.shape), windows).reshape(x.shape)

        return columns.reshape(*lead, rows, math.prod(columns.shape[4:])), back


class Fold(_Windows):
    r"""Columns added up to the image whose windows they are.

    Forward: $y_{ncq} = \sum_{p, k:\, sp + dk - P = q} x_{n,(c,k),p}$, with $s$ =
    `stride`, $d$ = `dilation` and $P$ = `padding`: where windows overlap their numbers
    are added, and what lies in the padding is dropped.

    Backward: every number of a column goes to one place, so it gets that place's
    gradient, $dx_{n,(c,k),p} = dy_{n,c,\,sp + dk - P}$, or 0 in the padding: what
    `Unfold` does. It is the transpose of `Unfold`, not its inverse: a pixel that $m$
    windows see comes back $m$ times as large.

    Shape: $x$ (N, C $\cdot \prod K_i$, M) or without N, with $M$ as in `Unfold`,
    $y$ (N, C, \*output_size) or without N.

    Source: as `Unfold`.

    Raises:
        TypeError: a size is not an int; `x` is not an array.
        RuntimeError: a size is out of range, or of three dimensions; `x` has another
            number of dimensions, rows or columns than `output_size` and the window say.
    """

    def __init__(self, output_size, kernel_size, dilation=1, padding=0, stride=1):
        sizes_each("output_size", output_size, 2, 1)
        self.output_size = output_size
        self._set(kernel_size, dilation, padding, stride)

    def forward(self, x):
        require_float_array("input", x)
        windows = self._windows(sizes_each("output_size", self.output_size, 2))
        kernel, out = [w.kernel for w in windows], [w.out for w in windows]
        area, count = math.prod(kernel), math.prod(out)
        fits = x.ndim in (2, 3) and x.shape[-2] and x.shape[-2] % area == 0
        if not fits or min(out) < 1 or x.shape[-1] != count:
            raise RuntimeError(
                f"input: (N, C * {area}, {count}) or (C * {area}, {count}) was "
                f"expected for output_size = {self.output_size} with windows of "
                f"{kernel}, got shape {x.shape}"
            )
        *lead, rows, _ = x.shape
        shape = lead[0] if lead else 1, rows // area, *kernel, *out
        Y = _fold(np.asarray(x).reshape(shape), windows)

        def back(dy):
            return _unfold(dy.reshape(Y.shape), windows).reshape(x.shape)

        return Y.reshape(*lead, *Y.shape[1:]), back

    def extra_repr(self):
        return f"output_size={self.output_size}, {super().extra_repr()}"
