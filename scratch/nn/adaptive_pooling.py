"""Pooling to an output of a given size, whatever the size of the input."""

from ..bases.window_inputs import sizes
from ..kernels.window import Adapting
from .pooling import Largest, Mean

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
]


class _ToSize:
    """What sees to it that the output has `output_size`."""

    dimensions: int

    def _set_size(self, output_size) -> None:
        self.output_size = output_size
        wanted = self._wanted()
        if len(wanted) != self.dimensions:
            raise RuntimeError(
                f"output_size: one int or {self.dimensions} were expected, got "
                f"{len(wanted)}"
            )
        may_be_none = self.dimensions > 1 and wanted is output_size
        for n in wanted:
            if n is not None or not may_be_none:
                sizes("output_size", n, 1, 0)

    def _wanted(self) -> tuple | list:
        if isinstance(self.output_size, tuple | list):
            return self.output_size
        return (self.output_size,) * self.dimensions

    def _windows(self, shape: tuple[int, ...]) -> list[Adapting]:
        return [
            Adapting(n, n if out is None else out)
            for n, out in zip(shape, self._wanted(), strict=True)
        ]

    def extra_repr(self):
        return f"output_size={self.output_size}"


class _AdaptiveAvgPool(_ToSize, Mean):
    first_filled = 2

    def __init__(self, output_size):
        self._set_size(output_size)


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    r"""The means of as many windows along a sequence as are wanted.

    Forward: with $L$ numbers and $M$ = `output_size` windows, window $p$ goes from
    $a_p = \lfloor p L / M \rfloor$ to before $b_p = \lceil (p + 1) L / M \rceil$, and
    $y_p = \frac{1}{b_p - a_p} \sum_{q = a_p}^{b_p - 1} x_q$ for each channel alone.
    Where $M$ does not divide $L$, neighbours share a number.

    Backward: $dx_q = \sum_{p:\, a_p \le q < b_p} dy_p / (b_p - a_p)$.

    Shape: $x$ (N, C, L) or (C, L), $y$ (N, C, M) or (C, M).

    Source: He et al., Spatial pyramid pooling in deep convolutional networks for visual
    recognition, 2014; a single window: Lin, Chen and Yan, Network in network, 2013.

    Raises:
        TypeError: `output_size` is not an int; `x` is not an array.
        RuntimeError: `output_size` is negative, or of another number of dimensions; `x`
            has another number of dimensions, or an empty one other than the batch.
    """

    dimensions = 1


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    r"""The means of as many windows of an image as are wanted.

    Forward: $y_{ij}$ is the mean of $x_{uv}$ over $a_i \le u < b_i$ and
    $a_j \le v < b_j$, with the ends of `AdaptiveAvgPool1d` along each dimension.

    Backward: each $dx_{uv}$ is the sum of $dy_{ij}$, divided by the size of its window,
    over all windows that cover $(u, v)$.

    `output_size` is one number for both dimensions, or one for each; None in its place
    means as many as the input has.

    Shape: $x$ (N, C, H, W) or (C, H, W), $y$ likewise with `output_size` for (H, W).

    Source and errors: as `AdaptiveAvgPool1d`.
    """

    dimensions = 2


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    r"""The means of as many windows of a volume as are wanted.

    Forward: $y_{ijh}$ is the mean of $x_{uvw}$ over $a_i \le u < b_i$,
    $a_j \le v < b_j$ and $a_h \le w < b_h$, with the ends of `AdaptiveAvgPool1d` along
    each dimension.

    Backward: each $dx_{uvw}$ is the sum of $dy_{ijh}$, divided by the size of its
    window, over all windows that cover $(u, v, w)$.

    `output_size` is one number for all dimensions, or one for each; None in its place
    means as many as the input has.

    Shape: $x$ (N, C, D, H, W) or (C, D, H, W), $y$ likewise with `output_size` for
    (D, H, W).

    Source and errors: as `AdaptiveAvgPool1d`; also where a batch has no channels.
    """

    dimensions = 3
    first_filled = 1


class _AdaptiveMaxPool(_ToSize, Largest):
    def __init__(self, output_size, return_indices=False):
        self._set_size(output_size)
        self.return_indices = return_indices


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    r"""The largest numbers of as many windows along a sequence as are wanted.

    Forward: $y_p = \max_{a_p \le q < b_p} x_q$ for each sample and channel, with the
    ends of `AdaptiveAvgPool1d`. With `return_indices` the output is a pair: the
    numbers, and where in the sequence they stood.

    Backward: each $dx_q$ is the sum of the $dy_p$ of all windows that chose $q$. Of
    equal numbers the first is chosen; NaN is larger than any number, and of several the
    last.

    Shape: $x$ (N, C, L) or (C, L), $y$ and the indices (N, C, M) or (C, M) with
    M = `output_size`.

    Source: as `AdaptiveAvgPool1d`; a single window: Collobert et al., Natural language
    processing (almost) from scratch, 2011.

    Raises: as `AdaptiveAvgPool1d`; also where a batch has no channels.
    """

    dimensions = 1


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    r"""The largest numbers of as many windows of an image as are wanted.

    Forward: $y_{ij}$ is the largest $x_{uv}$ of $a_i \le u < b_i$ and
    $a_j \le v < b_j$, with the ends of `AdaptiveAvgPool1d` along each dimension.

    Backward: each $dx_{uv}$ is the sum of the $dy_{ij}$ of all windows that chose
    $(u, v)$. The window is read row by row; of equal numbers the first is chosen, of
    several NaN the last.

    `output_size` is as for `AdaptiveAvgPool2d`. Indices count through the image row by
    row.

    Shape: $x$ (N, C, H, W) or (C, H, W), $y$ and the indices likewise with
    `output_size` for (H, W).

    Source and errors: as `AdaptiveMaxPool1d`.
    """

    dimensions = 2


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    r"""The largest numbers of as many windows of a volume as are wanted.

    Forward: $y_{ijh}$ is the largest $x_{uvw}$ of $a_i \le u < b_i$,
    $a_j \le v < b_j$ and $a_h \le w < b_h$, with the ends of `AdaptiveAvgPool1d` along
    each dimension.

    Backward: each $dx_{uvw}$ is the sum of the $dy_{ijh}$ of all windows that chose
    $(u, v, w)$. The window is read plane by plane and row by row; of equal numbers the
    first is chosen, of several NaN the last.

    `output_size` is as for `AdaptiveAvgPool3d`. Indices count through the volume in the
    same order.

    Shape: $x$ (N, C, D, H, W) or (C, D, H, W), $y$ and the indices likewise with
    `output_size` for (D, H, W).

    Source and errors: as `AdaptiveMaxPool1d`.
    """

    dimensions = 3
