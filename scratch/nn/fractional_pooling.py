"""Max pooling over windows that lie at drawn places."""

import itertools
import math
from numbers import Real

import numpy as np

from .. import random
from ..bases.window_inputs import batched, require_numbers, sizes_each
from ..module import Module

__all__ = ["FractionalMaxPool2d", "FractionalMaxPool3d"]


class _FractionalMaxPool(Module):
    """What fractional pooling shares, whatever the shape of the input."""

    dimensions: int
    spare = 0  # numbers that must be left over along each dimension

    def __init__(
        self,
        kernel_size,
        output_size=None,
        output_ratio=None,
        return_indices=False,
        _random_samples=None,
    ):
        self.kernel_size = sizes_each("kernel_size", kernel_size, self.dimensions)
        if min(self.kernel_size) < 1:
            raise ValueError(f"kernel_size: at least 1 was expected, got {kernel_size}")
        self.return_indices = return_indices
        self.register_buffer("_random_samples", _random_samples)
        if (output_size is None) == (output_ratio is None):
            raise ValueError(
                "output_size, output_ratio: exactly one was expected, got "
                f"{output_size} and {output_ratio}"
            )
        self.output_size = self.output_ratio = None
        if output_size is not None:
            size = sizes_each("output_size", output_size, self.dimensions, 0)
            self.output_size = size
            return
        ratios = output_ratio
        if not isinstance(ratios, tuple | list):
            ratios = (ratios,) * self.dimensions
        if not all(isinstance(r, Real) for r in ratios):
            raise TypeError(f"output_ratio: numbers were expected, got {output_ratio}")
        if len(ratios) != self.dimensions or not all(0 < r < 1 for r in ratios):
            raise ValueError(
                f"output_ratio: one number between 0 and 1 or {self.dimensions} were "
                f"expected, got {output_ratio}"
            )
        self.output_ratio = tuple(ratios)

    def forward(self, x):
        X = batched(x, self.dimensions)
        require_numbers(X, 1)
        size, numbers = self._size(X.shape[2:]), math.prod(X.shape[2:])
        starts, steps = self._starts(X, size)
        planes = numbers * np.arange(math.prod(X.shape[:2])).reshape(*X.shape[:2], 1)
        starts += planes  # places in all planes together

        # The windows are read number by number, all of them at the same time.
        flat, chosen = X.reshape(-1), starts.copy()
        Y = flat.take(starts)
        for offsets in itertools.product(*map(range, self.kernel_size)):
            at = starts + sum(o * s for o, s in zip(offsets, steps, strict=True))
            seen = flat.take(at)
            better = seen > Y
            better |= np.isnan(seen)
            np.maximum(Y, seen, out=Y)
            at -= chosen
            at *= better  # faster than np.where on random masks
            chosen += at

        def back(dy):
            dX = np.bincount(chosen.ravel(), dy.ravel(), X.size)  # adds up in float64
            return dX.astype(x.dtype).reshape(x.shape)

        shape = *x.shape[: x.ndim - self.dimensions], *size
        y = Y.reshape(shape)
        if not self.return_indices:
            return y, back
        indices = (chosen - planes).reshape(shape)
        return (y, indices), lambda dy, dindices=None: back(dy)

    def _size(self, spatial: tuple[int, ...]) -> tuple[int, ...]:
        size = self.output_size
        if size is None:
            pairs = zip(spatial, self.output_ratio, strict=True)
            size = tuple(int(n * ratio) for n, ratio in pairs)
        for n, m, k in zip(spatial, size, self.kernel_size, strict=True):
            if m + k - 1 + self.spare > n:
                raise RuntimeError(
                    f"input: size {spatial} is too small for kernel_size="
                    f"{self.kernel_size} and an output of {size}"
                )
        return size

    def _starts(self, X: np.ndarray, size: tuple[int, ...]) -> tuple:
        """Where each window begins, counted through all dimensions, for each plane.

        Also by how much that number grows with one step along each dimension.
        """
        samples = self._samples(X)
        spatial = X.shape[2:]
        steps = [math.prod(spatial[i + 1 :]) for i in range(self.dimensions)]
        starts = np.zeros((*X.shape[:2], 1), np.int64)
        for i, step in enumerate(steps):
            u = samples[..., self._sample_of(i)]
            along = step * _begins(u, spatial[i], size[i], self.kernel_size[i])
            starts = starts[..., :, None] + along[..., None, :]
            starts = starts.reshape(*X.shape[:2], -1)
        return starts, steps

    def _samples(self, X: np.ndarray) -> np.ndarray:
        """One number in [0, 1) for each plane and dimension, given or drawn."""
        samples, expected = self._random_samples, (*X.shape[:2], self.dimensions)
        if samples is None:
            return random.rand(expected, dtype=X.dtype)
        if samples.dtype != X.dtype:
            raise RuntimeError(
                f"_random_samples: dtype {X.dtype} was expected, got {samples.dtype}"
            )
        if samples.shape[1:] != expected[1:] or len(samples) < len(X):
            raise RuntimeError(
                f"_random_samples: shape {expected} was expected, got {samples.shape}"
            )
        return samples[: len(X)]

    def _sample_of(self, dimension: int) -> int:
        """Which of the samples of a plane is for this dimension."""
        return dimension


def _begins(u: np.ndarray, n: int, m: int, k: int) -> np.ndarray:
    r"""Where m windows of k numbers begin among n, for each u: (...) -> (..., m).

    $\lfloor (i + u)\, a \rfloor - \lfloor u a \rfloor$ with $a = (n - k) / (m - 1)$;
    the last one ends where the numbers end. In the precision of u.
    """
    begins = np.full((*u.shape, m), n - k, np.int64)
    if m > 1:
        a = u.dtype.type(n - k) / u.dtype.type(m - 1)
        i = np.arange(m - 1).astype(u.dtype)
        shifted = ((i + u[..., None]) * a).astype(np.int64)
        begins[..., :-1] = shifted - (u * a).astype(np.int64)[..., None]
    return begins


class FractionalMaxPool2d(_FractionalMaxPool):
    r"""The largest numbers of windows of an image that lie at drawn places.

    Forward: along a dimension of $n$ numbers, window $i$ of $m$ begins at
    $\lfloor (i + u)\, a \rfloor - \lfloor u\, a \rfloor$ with $a = (n - K) / (m - 1)$
    and $K$ = `kernel_size`, the last one at $n - K$. So the steps are a random
    succession of $\lfloor a \rfloor$ and $\lceil a \rceil$, and an image need not
    shrink by a whole factor. $u$ is drawn evenly from [0, 1), once for each sample,
    channel and dimension. $y_{ij}$ is the largest $x_{uv}$ of its window.

    Backward: the draws are constants; each $dx_{uv}$ is the sum of the $dy_{ij}$ of all
    windows that chose $(u, v)$. The window is read row by row; of equal numbers the
    first is chosen, of several NaN the last.

    The output has `output_size`, or `output_ratio` of the size of the input, rounded
    down. `_random_samples` (N, C, 2) gives the draws, as in PyTorch the width's before
    the height's; it is part of the state. With `return_indices` the output is a pair,
    as for `MaxPool2d`. There is no difference between training and evaluating.

    Shape: $x$ (N, C, H, W) or (C, H, W), $y$ likewise.

    Source: Graham, Fractional max-pooling, 2014.

    Raises:
        TypeError: a size is not an int, a ratio not a number; `x` is not an array.
        ValueError: not exactly one of `output_size` and `output_ratio` is given; a
            ratio is not between 0 and 1, or a kernel not positive.
        RuntimeError: sizes for another number of dimensions, or negative; `x` has
            another number of dimensions, an empty one other than the batch, or is too
            small; `_random_samples` has another shape or dtype.
    """

    dimensions = 2

    def _sample_of(self, dimension):
        return 1 - dimension


class FractionalMaxPool3d(_FractionalMaxPool):
    r"""The largest numbers of windows of a volume that lie at drawn places.

    Forward: $y_{ijh}$ is the largest number of its window, whose beginnings are drawn
    along each dimension as in `FractionalMaxPool2d`.

    Backward: each $dx_{uvw}$ is the sum of the $dy_{ijh}$ of all windows that chose
    $(u, v, w)$. The window is read plane by plane and row by row; of equal numbers the
    first is chosen, of several NaN the last.

    Options and errors are those of `FractionalMaxPool2d`. `_random_samples` (N, C, 3)
    is in the order of the dimensions. As in PyTorch the windows without a gap between
    their beginnings must leave one number of the input over.

    Shape: $x$ (N, C, D, H, W) or (C, D, H, W), $y$ likewise.

    Source: as `FractionalMaxPool2d`.
    """

    dimensions = 3
    spare = 1
