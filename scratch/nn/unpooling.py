"""Max pooling undone as far as it can be: each number goes back to where it stood."""

import math

import numpy as np

from .._arrays import require_array, require_int
from ..bases.window_inputs import batched, require_numbers, sizes_each
from ..module import Module

__all__ = ["MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d"]


class _MaxUnpool(Module):
    """What unpooling shares, whatever the shape of the input."""

    dimensions: int

    def __init__(self, kernel_size, stride=None, padding=0):
        self.kernel_size = sizes_each("kernel_size", kernel_size, self.dimensions)
        stride = kernel_size if stride is None else stride
        self.stride = sizes_each("stride", stride, self.dimensions)
        self.padding = sizes_each("padding", padding, self.dimensions)

    def forward(self, x, indices, output_size=None):
        X = batched(x, self.dimensions)
        require_numbers(X, 1)
        size = self._output_size(X.shape[2:], output_size)
        if self.dimensions == 3 and min(self.stride) < 1:
            raise RuntimeError(
                f"stride: positive numbers were expected, got {self.stride}"
            )
        self._require_fitting(x, indices, size)
        planes, places = math.prod(X.shape[:2]), math.prod(size)
        at = indices.reshape(planes, math.prod(X.shape[2:]))
        at = at + places * np.arange(planes)[:, None]  # places in all planes together
        Y = np.zeros(planes * places, X.dtype)
        Y[at.ravel()] = X.ravel()

        def back(dy):
            return dy.reshape(-1).take(at).reshape(x.shape), None

        lead = x.shape[: x.ndim - self.dimensions]
        return Y.reshape(*lead, *size), back

    def _output_size(self, shape: tuple[int, ...], wanted) -> tuple[int, ...]:
        """The sizes that pooling would have come from, or those that are wanted."""
        options = zip(shape, self.kernel_size, self.stride, self.padding, strict=True)
        size = tuple((n - 1) * s + k - 2 * p for n, k, s, p in options)
        if wanted is not None:
            if not isinstance(wanted, tuple | list):
                raise TypeError(f"output_size: sizes were expected, got {wanted!r}")
            if len(wanted) == self.dimensions + 2:
                wanted = wanted[2:]
            if len(wanted) != self.dimensions:
                raise ValueError(
                    f"output_size: {self.dimensions} or {self.dimensions + 2} numbers "
                    f"were expected, got {len(wanted)}"
                )
            for n, usual, s in zip(wanted, size, self.stride, strict=True):
                require_int("output_size", n)
                if not usual - s < n < usual + s:
                    raise ValueError(
                        f"output_size: a number between {usual - s} and {usual + s} "
                        f"was expected, got {n}"
                    )
            size = tuple(wanted)
        if min(size) < 0:
            raise ValueError(
                f"output_size: numbers from 0 on were expected, and kernel_size, "
                f"stride and padding make {size}"
            )
        return size

    def _require_fitting(self, x, indices, size: tuple[int, ...]) -> None:
        require_array("indices", indices)
        if indices.dtype != np.int64:
            raise RuntimeError(f"indices: int64 was expected, got {indices.dtype}")
        if indices.shape != x.shape:
            raise RuntimeError(
                f"indices: the shape of input, {x.shape}, was expected, got "
                f"{indices.shape}"
            )
        top = math.prod(size)
        if indices.size and not 0 <= indices.min() <= indices.max() < top:
            raise RuntimeError(
                f"indices: places in an output of size {size} were expected, got "
                f"{indices.min()} to {indices.max()}"
            )

    def extra_repr(self):
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, "
            f"padding={self.padding}"
        )


class MaxUnpool1d(_MaxUnpool):
    r"""The largest numbers put back into their sequence, with zeros between them.

    Forward: $y_{i_p} = x_p$ for each sample and channel, with $i$ the `indices` that
    `MaxPool1d` gives with `return_indices`, and $y_q = 0$ where no index is $q$.

    Backward: $\partial y_q / \partial x_p = [q = i_p]$, so $dx_p = dy_{i_p}$: what is
    put on the way there is taken on the way back. The indices have no gradient.

    Several inputs of a pool have outputs of one size; `output_size` says which of them
    is wanted, without it the smallest that leaves nothing over. Where windows overlap,
    an index may come twice, with the same number; each of them gets the gradient. Of
    different numbers for one place the last is set.

    Shape: $x$ and the indices (N, C, M) or (C, M), $y$ (N, C, L) or (C, L),
    $L = (M - 1)\, s + K - 2P$ with $K$ = `kernel_size`, $s$ = `stride` (without it,
    `kernel_size`) and $P$ = `padding`; or as in `output_size`, which may name N and C
    too, less than a stride away from that.

    Source: Zeiler, Taylor and Fergus, Adaptive deconvolutional networks for mid and
    high level feature learning, 2011.

    Raises:
        TypeError: an option is not an int; `x` or `indices` is not an array.
        ValueError: `output_size` does not fit, or what the options make is negative.
        RuntimeError: `x` has another number of dimensions, or an empty one other than
            the batch; `indices` is not int64, has another shape than `x`, or one of
            them is outside the output.
    """

    dimensions = 1


class MaxUnpool2d(_MaxUnpool):
    r"""The largest numbers put back into their image, with zeros between them.

    Forward: $y_{i_{uv}} = x_{uv}$ for each sample and channel, with the `indices` of
    `MaxPool2d`, which count through the image row by row, and zeros elsewhere.

    Backward: $dx_{uv} = dy_{i_{uv}}$.

    Options, conventions and errors are those of `MaxUnpool1d`; sizes are one number for
    both dimensions, or one for each.

    Shape: $x$ and the indices (N, C, H, W) or (C, H, W), $y$ likewise with the sizes of
    `MaxUnpool1d`.

    Source: as `MaxUnpool1d`.
    """

    dimensions = 2


class MaxUnpool3d(_MaxUnpool):
    r"""The largest numbers put back into their volume, with zeros between them.

    Forward: $y_{i_{uvw}} = x_{uvw}$ for each sample and channel, with the `indices` of
    `MaxPool3d`, which count through the volume plane by plane and row by row, and zeros
    elsewhere.

    Backward: $dx_{uvw} = dy_{i_{uvw}}$.

    Options, conventions and errors are those of `MaxUnpool1d`; sizes are one number for
    all dimensions, or one for each. RuntimeError also for a `stride` that is not
    positive.

    Shape: $x$ and the indices (N, C, D, H, W) or (C, D, H, W), $y$ likewise with the
    sizes of `MaxUnpool1d`.

    Source: as `MaxUnpool1d`.
    """

    dimensions = 3
