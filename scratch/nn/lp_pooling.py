"""Pooling by a norm: between the sum of each window and its largest number."""

import math

import numpy as np

from .._arrays import require_float_array, require_number
from ..bases.window_inputs import batched, require_numbers
from ..kernels.pool import spread, sums
from ..kernels.window import Sliding, wide
from .pooling import MaxPool1d, MaxPool2d, MaxPool3d, Pool

__all__ = ["LPPool1d", "LPPool2d", "LPPool3d"]


class _LPPool(Pool):
    """What pooling by a norm shares."""

    def __init__(self, norm_type, kernel_size, stride=None, ceil_mode=False):
        require_number("norm_type", norm_type)
        if norm_type == 0:
            raise ZeroDivisionError("norm_type: a number but 0 was expected, got 0")
        d = self.dimensions
        several = d > 1 and isinstance(kernel_size, tuple | list)
        if several and len(kernel_size) != d:
            raise ValueError(
                f"kernel_size: one int or {d} were expected, got {len(kernel_size)}"
            )
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = stride
        self.ceil_mode = ceil_mode
        self._windows()

    def forward(self, x):
        if math.isinf(self.norm_type):
            return self._extreme(x)
        X = batched(x, self.dimensions)
        require_numbers(X, 1)
        windows = self._windows(X.shape[2:])
        X, p = X.astype(wide(x.dtype), copy=False), float(self.norm_type)
        missing = self._missing(windows, X.dtype)
        with np.errstate(invalid="ignore", divide="ignore"):
            S = sums(_power(X, p), windows)
            if missing is not None:
                S *= missing
            Y = S ** (1 / p)

        def back(dy):
            with np.errstate(invalid="ignore", divide="ignore"):
                dS = dy.reshape(Y.shape) * S ** (1 / p - 1)  # times p
                dS[S == 0] = 0
                if missing is not None:
                    dS *= missing
                dX = _power(X, p - 1)
                dX *= spread(dS, windows)
            return dX.astype(x.dtype, copy=False).reshape(x.shape)

        lead = x.shape[: x.ndim - self.dimensions]
        return Y.astype(x.dtype, copy=False).reshape(*lead, *Y.shape[2:]), back

    def _extreme(self, x):
        """The largest of each window for p = inf, the smallest for p = -inf."""
        require_float_array("input", x)
        pool = _LARGEST[self.dimensions](
            self.kernel_size, self.stride, ceil_mode=self.ceil_mode
        )
        sign = math.copysign(1, self.norm_type)
        y, back_of_pool = pool.forward(sign * np.abs(x))
        return sign * y, lambda dy: back_of_pool(dy) * np.sign(x)

    def _missing(self, windows: list[Sliding], dtype) -> np.ndarray | None:
        """What the sums are multiplied by if some window is cut off: K / n."""
        if all(w.counts(False).min() == w.kernel for w in windows):
            return None
        factor = np.ones((), dtype)
        for w in windows:
            factor = factor[..., None] * (w.kernel / w.counts(False)).astype(dtype)
        return factor

    def extra_repr(self):
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, "
            f"stride={self.stride}, ceil_mode={self.ceil_mode}"
        )


def _power(x: np.ndarray, p: float) -> np.ndarray:
    """x**p. Whole powers are those of |x|: NumPy is slow where x is negative."""
    if p in (0, 1, 2) or p % 1:
        return x**p
    y = np.abs(x) ** p
    return np.copysign(y, x, out=y) if p % 2 else y


_LARGEST = {1: MaxPool1d, 2: MaxPool2d, 3: MaxPool3d}


class LPPool1d(_LPPool):
    r"""The p-norm of each window along a sequence, of numbers that are not negative.

    Forward: $y_o = S_o^{1/p}$ with $S_o = \sum_k x_{so + k}^p$ for each sample and
    channel, $p$ = `norm_type` and $s$ = `stride` (without it, `kernel_size`). With
    $p = 1$ it is the sum, and the larger $p$, the more the largest number counts:
    $p = \infty$ is the largest $|x|$, and $p = -\infty$ the smallest.

    Backward: $\partial y_o / \partial x_q = \frac1p S_o^{1/p - 1}\, p\, x_q^{p - 1}$,
    where $p$ cancels, so
    $dx_q = x_q^{p-1} \sum_{o, k:\, so + k = q} dy_o\, S_o^{1/p - 1}$. Where $S_o$ is 0
    its windows give 0, though the slope is infinite there for $p > 1$.

    As in PyTorch no absolute value is taken: with an odd $p$ negative numbers lower the
    sum, and the root of a negative sum is NaN, as is a negative number to a broken
    power. With `ceil_mode` a last window may be cut off; its $S_o$ is then multiplied
    by $K / n$, with $n$ of its $K$ numbers there, as if the others were like these.

    Shape: $x$ (N, C, L) or (C, L), $y$ (N, C, M) or (C, M),
    $M = \lfloor (L - K) / s \rfloor + 1$, with `ceil_mode` rounded up.

    Source: Sermanet, Chintala and LeCun, Convolutional neural networks applied to house
    numbers digit classification, 2012.

    Raises:
        TypeError: `norm_type` is not a number, a size is not an int; `x` is not an
            array.
        ZeroDivisionError: `norm_type` is 0.
        ValueError: `kernel_size` is for another number of dimensions.
        RuntimeError: a size is not positive; `x` has another number of dimensions, or
            is too small for the window.
    """

    dimensions = 1


class LPPool2d(_LPPool):
    r"""The p-norm of each window of an image, of numbers that are not negative.

    Forward: $y_{ij} = S_{ij}^{1/p}$ with
    $S_{ij} = \sum_{k,l} x_{s_1 i + k,\, s_2 j + l}^p$, as in `LPPool1d` but along two
    dimensions.

    Backward: $dx_{uv}$ is $x_{uv}^{p-1}$ times the sum of $dy_{ij}\, S_{ij}^{1/p - 1}$
    over all windows that cover $(u, v)$.

    Options, conventions and errors are those of `LPPool1d`; sizes are one number for
    both dimensions, or one for each.

    Shape: $x$ (N, C, H, W) or (C, H, W), $y$ likewise with the sizes of `LPPool1d`.

    Source: as `LPPool1d`.
    """

    dimensions = 2


class LPPool3d(_LPPool):
    r"""The p-norm of each window of a volume, of numbers that are not negative.

    Forward: $y_{ijh} = S_{ijh}^{1/p}$ with $S_{ijh}$ the sum of $x_{uvw}^p$ over the
    window, as in `LPPool1d` but along three dimensions.

    Backward: $dx_{uvw} = x_{uvw}^{p-1}$ times the sum of $dy_{ijh}\, S_{ijh}^{1/p - 1}$
    over all windows that cover $(u, v, w)$.

    Options, conventions and errors are those of `LPPool1d`; sizes are one number for
    all dimensions, or one for each.

    Shape: $x$ (N, C, D, H, W) or (C, D, H, W), $y$ likewise with the sizes of
    `LPPool1d`.

    Source: as `LPPool1d`.
    """

    dimensions = 3
