"""Convolutions: the same small kernel at every place."""

import math

import numpy as np

from .._arrays import Detached, require_int, require_same_dtype, sum_rows
from ..bases.window_inputs import batched, require_numbers, sizes
from ..kernels.borders import MODES, border
from ..kernels.unfold import Unfolding, convolve, input_gradient, kernel_gradient
from ..kernels.window import wide
from ..module import Module, Parameter
from . import init

__all__ = ["Conv1d", "Conv2d", "Conv3d"]


class Convolution(Module):
    """What convolutions over any number of `dimensions` share."""

    dimensions: int
    output_padding = ()

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        dilation=1,
        groups=1,
        bias=True,
        padding_mode="zeros",
        dtype=None,
    ):
        counts = ("in_channels", in_channels), ("out_channels", out_channels)
        for name, n in (*counts, ("groups", groups)):
            require_int(name, n)
        if groups <= 0:
            raise ValueError(f"groups: a positive int was expected, got {groups}")
        for name, n in counts:
            if n < 0:
                raise RuntimeError(f"{name}: a size was expected, got {n}")
            if n % groups:
                raise ValueError(
                    f"{name}: a multiple of groups = {groups} was expected, got {n}"
                )
        if padding_mode not in MODES:
            raise ValueError(
                f"padding_mode: one of {MODES} was expected, got {padding_mode!r}"
            )
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = sizes("kernel_size", kernel_size, self.dimensions, 1)
        self.stride = sizes("stride", stride, self.dimensions, 1)
        self.dilation = sizes("dilation", dilation, self.dimensions, 1)
        if not isinstance(padding, str):
            padding = sizes("padding", padding, self.dimensions, 0)
        elif padding not in ("same", "valid"):
            raise ValueError(
                f"padding: 'same', 'valid' or ints were expected, got {padding!r}"
            )
        elif padding == "same" and set(self.stride) != {1}:
            raise ValueError(
                f"padding: 'same' needs a stride of 1, got stride={self.stride}"
            )
        self.padding = padding
        self.groups = groups
        self.padding_mode = padding_mode
        shape = *self._channels(), *self.kernel_size
        self.weight = Parameter(np.empty(shape, dtype or np.float32))
        self.bias = (
            Parameter(np.empty(out_channels, dtype or np.float32)) if bias else None
        )
        self.reset_parameters()

    def _channels(self) -> tuple[int, int]:
        """The first two dimensions of the weight."""
        return self.out_channels, self.in_channels // self.groups

    def reset_parameters(self):
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            fan_in = math.prod(self.weight.shape[1:])
            bound = 1 / math.sqrt(fan_in) if fan_in else 0
            init.uniform_(self.bias, -bound, bound)

    def _fitting(self, x) -> np.ndarray:
        X = batched(x, self.dimensions)
        require_same_dtype("input", x, "weight", self.weight.data)
        if X.shape[1] != self.in_channels:
            raise RuntimeError(
                f"input: shape {x.shape} does not have in_channels = "
                f"{self.in_channels} channels"
            )
        require_numbers(X, 2)
        return X

    def extra_repr(self):
        words = (
            f"{self.in_channels}, {self.out_channels}, "
            f"kernel_size={self.kernel_size}, stride={self.stride}"
        )
        if self.padding != (0,) * self.dimensions:
            words += f", padding={self.padding}"
        if self.dilation != (1,) * self.dimensions:
            words += f", dilation={self.dilation}"
        if any(self.output_padding):
            words += f", output_padding={self.output_padding}"
        if self.groups != 1:
            words += f", groups={self.groups}"
        if self.bias is None:
            words += ", bias=False"
        if self.padding_mode != "zeros":
            words += f", padding_mode={self.padding_mode}"
        return words


class _Sliding(Convolution):
    """A kernel that is laid on every place of the input."""

    def forward(self, x):
        X = self._fitting(x)
        how = Unfolding(self.kernel_size, self.stride, self.dilation, self.groups)
        dtype = wide(x.dtype)
        W = self.weight.data.astype(dtype, copy=False)
        b = None if self.bias is None else self.bias.data.astype(dtype, copy=False)
        X = X.astype(dtype, copy=False)

        pads, unborder = self._pads(how), None
        if self.padding_mode != "zeros":
            X, unborder = border(X, pads, self.padding_mode)
            pads = [(0, 0)] * self.dimensions
        if min(how.out(X.shape[2:], pads)) < 1:
            raise RuntimeError(
                f"input: shape {x.shape} with padding = {self.padding} is smaller than "
                f"kernel_size = {self.kernel_size} with dilation = {self.dilation}"
            )
        Y = convolve(X, W, b, pads, how)
        y = Y.astype(x.dtype, copy=False)

        def back(dy):
            dY = dy if dy.ndim == X.ndim else dy[None]
            dY = dY.astype(dtype, copy=False)
            self.weight.accumulate(kernel_gradient(X, dY, W, pads, how))
            if self.bias is not None:
                self.bias.accumulate(sum_positions(dY))
            if isinstance(x, Detached):
                return None
            dX = input_gradient(dY, W, X.shape[2:], pads, how)
            dX = unborder(dX) if unborder else dX
            return dX.reshape(x.shape).astype(x.dtype, copy=False)

        return y if x.ndim == X.ndim else y[0], back

    def _pads(self, how) -> list[tuple[int, int]]:
        """How much to pad before and after each dimension."""
        if self.padding == "valid":
            return [(0, 0)] * self.dimensions
        if self.padding == "same":  # an odd one out goes to the end
            return [(reach // 2, reach - reach // 2) for reach in how.reach]
        return [(n, n) for n in self.padding]


class Conv1d(_Sliding):
    r"""A kernel that slides along a sequence.

    Forward: with $s$ = `stride`, $d$ = `dilation` and $x$ padded,
    $y_{nop} = b_o + \sum_c \sum_k W_{ock}\, x_{n,c,\,sp + dk}$: a cross-correlation,
    the kernel is not flipped. With several `groups`, the channels of output and input
    are parted into so many blocks, and $c$ runs over the block of $o$ only.

    Backward: each $W_{ock}$ meets the output at every position $p$, each $x_{ncq}$ at
    those with $q = sp + dk$, hence

    $dW_{ock} = \sum_n \sum_p dy_{nop}\, x_{n,c,\,sp + dk}$;
    $db_o = \sum_n \sum_p dy_{nop}$;
    $dx_{ncq} = \sum_o \sum_{p, k:\, sp + dk = q} W_{ock}\, dy_{nop}$, which for $s = 1$
    is a convolution of $dy$ with the flipped kernel, $\sum_k W_{ock}\, dy_{n,o,q-dk}$.

    `padding` is a number for both ends, "valid" for none, or "same" for an output as
    long as the input: $d (K - 1)$ in all, the odd one at the end. What is padded is
    zeros, or with `padding_mode` "reflect" (without the edge), "replicate" or
    "circular" numbers of the input, to which their gradients are added.

    Parameters are drawn as PyTorch draws them, uniform within
    $\pm 1/\sqrt{C_{in} K / G}$.

    Shape: $x$ (N, in_channels, L) or (in_channels, L), $y$ (N, out_channels, M) or
    (out_channels, M) with $M = \lfloor (L + P - d (K - 1) - 1) / s \rfloor + 1$ and $P$
    what is padded in all, $W$ (out_channels, in_channels / groups, K),
    $b$ (out_channels).

    Source: Waibel et al., Phoneme recognition using time-delay neural networks, 1989.

    Raises:
        TypeError: a size is not an int; `x` is not an array.
        ValueError: `groups` is not positive or does not divide the channels; an unknown
            `padding` or `padding_mode`; "same" with a stride.
        RuntimeError: a size is out of range; `x` has another number of dimensions or
            channels, another dtype than the weight, or is too small for the kernel or
            for what is to be reflected or wrapped around.
    """

    dimensions = 1


class Conv2d(_Sliding):
    r"""A kernel that slides over an image.

    Forward: $y_{noij} = b_o + \sum_c \sum_{k,l} W_{ockl}\,
    x_{n,c,\,s_1 i + d_1 k,\,s_2 j + d_2 l}$, as in `Conv1d` but along two dimensions.

    Backward: $dW_{ockl} = \sum_n \sum_{i,j} dy_{noij}\,
    x_{n,c,\,s_1 i + d_1 k,\,s_2 j + d_2 l}$; $db_o = \sum_n \sum_{i,j} dy_{noij}$;
    $dx_{ncuv} = \sum_o \sum W_{ockl}\, dy_{noij}$ over all $i, j, k, l$ with
    $s_1 i + d_1 k = u$ and $s_2 j + d_2 l = v$.

    Options, errors and the parameters' distribution are those of `Conv1d`; sizes are
    one number for both dimensions, or one for each.

    Shape: $x$ (N, in_channels, H, W) or (in_channels, H, W), $y$ likewise with
    out_channels and the sizes of `Conv1d`, $W$ (out_channels, in_channels / groups,
    \*kernel_size), $b$ (out_channels).

    Source: LeCun et al., Backpropagation applied to handwritten zip code recognition,
    1989; grouped: Krizhevsky et al., ImageNet classification with deep convolutional
    neural networks, 2012; dilated: Yu and Koltun, Multi-scale context aggregation by
    dilated convolutions, 2016.
    """

    dimensions = 2


class Conv3d(_Sliding):
    r"""A kernel that slides through a volume, or through the images of a film.

    Forward: $y_{nop} = b_o + \sum_c \sum_k W_{ock}\, x_{n,c,\,sp + dk}$ as in `Conv1d`,
    where place $p = (h, i, j)$ and offset $k$ have three coordinates each, and
    $sp + dk$ is meant coordinate by coordinate.

    Backward: $dW_{ock} = \sum_n \sum_p dy_{nop}\, x_{n,c,\,sp + dk}$;
    $db_o = \sum_n \sum_p dy_{nop}$;
    $dx_{ncq} = \sum_o \sum_{p, k:\, sp + dk = q} W_{ock}\, dy_{nop}$.

    Options, errors and the parameters' distribution are those of `Conv1d`; sizes are
    one number for all three dimensions, or one for each.

    Shape: $x$ (N, in_channels, D, H, W) or (in_channels, D, H, W), $y$ likewise with
    out_channels and the sizes of `Conv1d`, $W$ (out_channels, in_channels / groups,
    \*kernel_size), $b$ (out_channels).

    Source: Ji et al., 3D convolutional neural networks for human action recognition,
    2010.
    """

    dimensions = 3


def sum_positions(dy: np.ndarray) -> np.ndarray:
    """The sum over samples and positions, (N, C, *spatial) -> (C,).

    One position after the other in a matrix-vector product: see `sum_rows`.
    """
    flat = dy.reshape(*dy.shape[:2], math.prod(dy.shape[2:]))
    return sum_rows(flat @ np.ones(flat.shape[2], dy.dtype))
