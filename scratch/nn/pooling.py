"""Pooling: one number for each window, its largest or its mean."""

import numpy as np

from .._arrays import require_int
from ..bases.window_inputs import batched, require_numbers, sizes
from ..kernels.pool import largest, spread, sums
from ..kernels.window import Sliding, wide
from ..module import Module

__all__ = [
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
]


class _Windows(Module):
    """Pooling over windows that `_windows` lays along each spatial dimension."""

    dimensions: int

    def _windows(self, shape: tuple[int, ...]) -> list:
        raise NotImplementedError


class Largest(_Windows):
    """What all max pooling shares."""

    return_indices: bool

    def forward(self, x):
        X = batched(x, self.dimensions)
        require_numbers(X, 1)
        windows = self._windows(X.shape[2:])
        Y, back_of_windows, indices = largest(X, windows)

        def back(dy, dindices=None):
            return back_of_windows(dy.reshape(Y.shape)).reshape(x.shape)

        lead = x.shape[: x.ndim - self.dimensions]
        y = Y.reshape(*lead, *Y.shape[2:])
        return ((y, indices().reshape(y.shape)) if self.return_indices else y), back


class Mean(_Windows):
    """What all average pooling shares."""

    count_include_pad = False
    divisor_override = None
    first_filled = 1  # the dimensions from here on must hold something

    def forward(self, x):
        X = batched(x, self.dimensions)
        require_numbers(X, self.first_filled)
        windows = self._windows(X.shape[2:])
        divisor = self._divisor(windows, wide(x.dtype))
        Y = sums(X.astype(divisor.dtype, copy=False), windows)
        Y /= divisor

        def back(dy):
            dX = spread(dy.reshape(Y.shape) / divisor, windows)
            return dX.astype(x.dtype, copy=False).reshape(x.shape)

        lead = x.shape[: x.ndim - self.dimensions]
        return Y.astype(x.dtype, copy=False).reshape(*lead, *Y.shape[2:]), back

    def _divisor(self, windows: list, dtype) -> np.ndarray:
        if self.divisor_override is not None:
            return np.asarray(self.divisor_override, dtype)
        counts = np.ones((), dtype)
        for window in windows:
            own = window.counts(self.count_include_pad).astype(dtype)
            counts = counts[..., None] * own
        equal = counts.size and (counts == counts.flat[0]).all()
        return counts.ravel()[:1] if equal else counts


class Pool(_Windows):
    """A window of a given size, that moves in given steps, or by its size."""

    padding = 0
    dilation = 1

    def _windows(self, shape: tuple[int, ...] = ()) -> list[Sliding]:
        """How the window slides along each spatial dimension, if `shape` is given.

        The options are refused here if they are wrong.
        """
        kernel = sizes("kernel_size", self.kernel_size, self.dimensions, 1)
        stride = self.kernel_size if self.stride is None else self.stride
        stride = sizes("stride", stride, self.dimensions, 1)
        padding = sizes("padding", self.padding, self.dimensions, 0)
        dilation = sizes("dilation", self.dilation, self.dimensions, 1)
        for k, p, d in zip(kernel, padding, dilation, strict=True):
            if p > ((k - 1) * d + 1) // 2:
                raise RuntimeError(
                    f"padding: at most half of what the window covers was expected, "
                    f"got {self.padding} with kernel_size={self.kernel_size}"
                )
        each = zip(shape, kernel, stride, padding, dilation, strict=bool(shape))
        windows = [Sliding(*numbers, self.ceil_mode) for numbers in each]
        if any(window.out < 1 for window in windows):
            raise RuntimeError(
                f"input: size {shape} is too small for kernel_size={self.kernel_size}"
            )
        return windows


class _MaxPool(Pool, Largest):
    def __init__(
        self,
        kernel_size,
        stride=None,
        padding=0,
        dilation=1,
        return_indices=False,
        ceil_mode=False,
    ):
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode
        self._windows()

    def extra_repr(self):
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, "
            f"padding={self.padding}, dilation={self.dilation}, "
            f"ceil_mode={self.ceil_mode}"
        )


class MaxPool1d(_MaxPool):
    r"""The largest number of each window along a sequence.

    Forward: $y_p = \max_k x_{sp + dk - P}$ for each sample and channel, with $s$ =
    `stride` (without it, `kernel_size`), $d$ = `dilation` and $P$ = `padding`. What is
    padded is $-\infty$ and never chosen.

    Backward: with $k^*(p)$ the chosen one, $\partial y_p / \partial x_q$ is 1 where
    $q = sp + dk^*(p) - P$, else 0: each $dx_q$ is the sum of the $dy_p$ of all windows
    that chose $q$. Of equal numbers the first is chosen; NaN is larger than any number,
    and of several the last.

    With `ceil_mode` a last window that is cut off counts too, if it starts within the
    input or the padding before it. With `return_indices` the output is a pair: the
    numbers, and where in the sequence they stood.

    Shape: $x$ (N, C, L) or (C, L), $y$ (N, C, M) or (C, M),
    $M = \lfloor (L + 2P - d (K - 1) - 1) / s \rfloor + 1$.

    Source: Zhou and Chellappa, Computation of optical flow using a neural network,
    1988; Riesenhuber and Poggio, Hierarchical models of object recognition in cortex,
    1999.

    Raises:
        TypeError: a size is not an int; `x` is not an array.
        RuntimeError: a size is out of range, the padding more than half of the window;
            `x` has another number of dimensions, or is too small for the window.
    """

    dimensions = 1


class MaxPool2d(_MaxPool):
    r"""The largest number of each window of an image.

    Forward: $y_{ij} = \max_{k,l} x_{s_1 i + d_1 k - P_1,\, s_2 j + d_2 l - P_2}$ for
    each sample and channel, as in `MaxPool1d` but along two dimensions.

    Backward: each $dx_{uv}$ is the sum of the $dy_{ij}$ of all windows that chose
    $(u, v)$. The window is read row by row; of equal numbers the first is chosen, of
    several NaN the last.

    Options and errors are those of `MaxPool1d`; sizes are one number for both
    dimensions, or one for each. Indices count through the image row by row.

    Shape: $x$ (N, C, H, W) or (C, H, W), $y$ likewise with the sizes of `MaxPool1d`.

    Source: as `MaxPool1d`.
    """

    dimensions = 2


class MaxPool3d(_MaxPool):
    r"""The largest number of each window of a volume.

    Forward: $y_{ijh}$ is the largest $x_{uvw}$ of the window that begins at
    $(s_1 i - P_1, s_2 j - P_2, s_3 h - P_3)$, as in `MaxPool1d` but along three
    dimensions.

    Backward: each $dx_{uvw}$ is the sum of the $dy_{ijh}$ of all windows that chose
    $(u, v, w)$. The window is read plane by plane and row by row; of equal numbers the
    first is chosen, of several NaN the last.

    Options and errors are those of `MaxPool1d`; sizes are one number for all
    dimensions, or one for each. Indices count through the volume in the same order.

    Shape: $x$ (N, C, D, H, W) or (C, D, H, W), $y$ likewise with the sizes of
    `MaxPool1d`.

    Source: as `MaxPool1d`.
    """

    dimensions = 3


class _AvgPool(Pool, Mean):
    def extra_repr(self):
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, "
            f"padding={self.padding}"
        )


class AvgPool1d(_AvgPool):
    r"""The mean of each window along a sequence.

    Forward: $y_p = \frac{1}{D_p} \sum_k x_{sp + k - P}$ for each sample and channel,
    with $s$ = `stride` (without it, `kernel_size`), $P$ = `padding`, and zeros where
    the window goes beyond the input. $D_p$ is how many numbers the window covers: with
    `count_include_pad` the padding counts, but nothing beyond it, where `ceil_mode`
    lets a last window go.

    Backward: $\partial y_p / \partial x_q = 1 / D_p$ for each $q$ in the window, so
    $dx_q = \sum_{p, k:\, sp + k - P = q} dy_p / D_p$.

    Shape: $x$ (N, C, L) or (C, L), $y$ (N, C, M) or (C, M),
    $M = \lfloor (L + 2P - K) / s \rfloor + 1$, with `ceil_mode` rounded up.

    Source: LeCun et al., Gradient-based learning applied to document recognition, 1998.

    Raises:
        TypeError: a size is not an int; `x` is not an array.
        RuntimeError: a size is out of range, the padding more than half of the window;
            `x` has another number of dimensions, or is too small for the window.
    """

    dimensions = 1

    def __init__(
        self,
        kernel_size,
        stride=None,
        padding=0,
        ceil_mode=False,
        count_include_pad=True,
    ):
        self.kernel_size = sizes("kernel_size", kernel_size, 1, 1)
        self.stride = sizes("stride", kernel_size if stride is None else stride, 1, 1)
        self.padding = sizes("padding", padding, 1, 0)
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self._windows()


class _DividedAvgPool(_AvgPool):
    """With a divisor that can be given."""

    def __init__(
        self,
        kernel_size,
        stride=None,
        padding=0,
        ceil_mode=False,
        count_include_pad=True,
        divisor_override=None,
    ):
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override
        self._windows()
        if divisor_override is not None:
            require_int("divisor_override", divisor_override)
            if divisor_override == 0:
                raise RuntimeError("divisor_override: a number but 0 was expected")


class AvgPool2d(_DividedAvgPool):
    r"""The mean of each window of an image.

    Forward: $y_{ij} = \frac{1}{D_{ij}} \sum_{k,l}
    x_{s_1 i + k - P_1,\, s_2 j + l - P_2}$ for each sample and channel, as in
    `AvgPool1d` but along two dimensions. With `divisor_override` all $D_{ij}$ are that
    number.

    Backward: each $dx_{uv}$ is the sum of $dy_{ij} / D_{ij}$ over all windows that
    cover $(u, v)$. Both sums run along one dimension after the other.

    Other options and errors are those of `AvgPool1d`; sizes are one number for both
    dimensions, or one for each. RuntimeError also for a `divisor_override` of 0.

    Shape: $x$ (N, C, H, W) or (C, H, W), $y$ likewise with the sizes of `AvgPool1d`.

    Source: as `AvgPool1d`.
    """

    dimensions = 2


class AvgPool3d(_DividedAvgPool):
    r"""The mean of each window of a volume.

    Forward: $y_{ijh}$ is the sum of the $x_{uvw}$ of the window that begins at
    $(s_1 i - P_1, s_2 j - P_2, s_3 h - P_3)$, divided by $D_{ijh}$, as in `AvgPool1d`
    but along three dimensions. With `divisor_override` all $D_{ijh}$ are that number.

    Backward: each $dx_{uvw}$ is the sum of $dy_{ijh} / D_{ijh}$ over all windows that
    cover $(u, v, w)$. Both sums run along one dimension after the other.

    Options and errors are those of `AvgPool2d`, with three dimensions.

    Shape: $x$ (N, C, D, H, W) or (C, D, H, W), $y$ likewise with the sizes of
    `AvgPool1d`.

    Source: as `AvgPool1d`.
    """

    dimensions = 3
