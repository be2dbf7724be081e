"""Transposed convolutions: a kernel painted around every number of the input."""

from .._arrays import Detached, require_int
from ..bases.window_inputs import sizes
from ..kernels.unfold import Unfolding, convolve, input_gradient, kernel_gradient
from ..kernels.window import wide
from .conv import Convolution, sum_positions

__all__ = ["ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"]


class _Transposed(Convolution):
    """What transposed convolutions over any number of `dimensions` share."""

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        output_padding=0,
        groups=1,
        bias=True,
        dilation=1,
        padding_mode="zeros",
        dtype=None,
    ):
        if padding_mode != "zeros":
            raise ValueError(
                f"padding_mode: 'zeros' was expected, got {padding_mode!r}"
            )
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            sizes("padding", padding, self.dimensions, 0),
            dilation,
            groups,
            bias,
            padding_mode,
            dtype,
        )
        extra = sizes("output_padding", output_padding, self.dimensions, 0)
        for n, s, d in zip(extra, self.stride, self.dilation, strict=True):
            if n >= max(s, d):
                raise RuntimeError(
                    f"output_padding: less than stride = {self.stride} or dilation = "
                    f"{self.dilation} was expected, got {output_padding}"
                )
        self.output_padding = extra

    def _channels(self) -> tuple[int, int]:
        return self.in_channels, self.out_channels // self.groups

    def forward(self, x, output_size=None):
        X = self._fitting(x)
        how = Unfolding(self.kernel_size, self.stride, self.dilation, self.groups)
        dtype = wide(x.dtype)
        W = self.weight.data.astype(dtype, copy=False)
        X = X.astype(dtype, copy=False)

        least = tuple(
            (n - 1) * s + reach + 1 - 2 * p
            for n, s, reach, p in zip(
                X.shape[2:], self.stride, how.reach, self.padding, strict=True
            )
        )
        extra = self.output_padding
        if output_size is not None:
            extra = self._missing(output_size, x, least)
        out = tuple(n + more for n, more in zip(least, extra, strict=True))
        if min(out) < 1 or not W.size:
            raise RuntimeError(
                f"input: shape {x.shape} with padding = {self.padding} and a weight of "
                f"shape {W.shape} leaves an output of spatial shape {out}"
            )
        # What an untransposed kernel sees of the output: all but the extra numbers.
        pads = [(p, p - more) for p, more in zip(self.padding, extra, strict=True)]
        Y = input_gradient(X, W, out, pads, how)
        if self.bias is not None:
            b = self.bias.data.astype(dtype, copy=False)
            Y += b.reshape(-1, *(1,) * self.dimensions)
        y = Y.astype(x.dtype, copy=False)

        def back(dy):
            dY = dy if dy.ndim == X.ndim else dy[None]
            dY = dY.astype(dtype, copy=False)
            self.weight.accumulate(kernel_gradient(dY, X, W, pads, how))
            if self.bias is not None:
                self.bias.accumulate(sum_positions(dY))
            if isinstance(x, Detached):
                return None
            dX = convolve(dY, W, None, pads, how)
            return dX.reshape(x.shape).astype(x.dtype, copy=False)

        return y if x.ndim == X.ndim else y[0], back

    def _missing(self, output_size, x, least) -> tuple[int, ...]:
        """How much larger than `least` the wanted size is, along each dimension."""
        if not isinstance(output_size, tuple | list):
            raise TypeError(
                f"output_size: a tuple or list was expected, got {output_size!r}"
            )
        for n in output_size:
            require_int("output_size", n)
        wanted = tuple(output_size[-self.dimensions :])
        if len(output_size) not in (self.dimensions, x.ndim):
            raise ValueError(
                f"output_size: {self.dimensions} or {x.ndim} sizes were expected, got "
                f"{output_size}"
            )
        most = tuple(n + s - 1 for n, s in zip(least, self.stride, strict=True))
        extra = tuple(n - fewest for n, fewest in zip(wanted, least, strict=True))
        if any(not 0 <= n < s for n, s in zip(extra, self.stride, strict=True)):
            raise ValueError(
                f"output_size: from {least} to {most} was expected for an input of "
                f"shape {x.shape}, got {wanted}"
            )
        return extra


class ConvTranspose1d(_Transposed):
    r"""A kernel that every number of a sequence paints into a longer one.

    Forward: with $s$ = `stride`, $d$ = `dilation` and $P$ = `padding`,

    $y_{noq} = b_o + \sum_c \sum_{p, k:\, sp + dk - P = q} W_{cok}\, x_{ncp}$:

    $x_{ncp}$ times the kernel is added to $y$ from place $sp - P$ on. What a
    convolution with the same $W$ does to $dy$ on its way back, this does to $x$: as
    matrices, it multiplies by $W^\top$ where the convolution multiplies by $W$. With
    several `groups`, the channels of output and input are parted into so many blocks,
    and $c$ runs over the block of $o$ only.

    Backward: the transpose of $W^\top$ is $W$, so the way back is that convolution,
    $dx_{ncp} = \sum_o \sum_k W_{cok}\, dy_{n,o,\,sp + dk - P}$, and its kernel's
    gradient with the parts of $x$ and $dy$ exchanged,
    $dW_{cok} = \sum_n \sum_p x_{ncp}\, dy_{n,o,\,sp + dk - P}$;
    $db_o = \sum_n \sum_q dy_{noq}$. Where $q$ is outside of $y$, $dy_q$ is 0.

    `padding` takes away at both ends. A convolution of stride $s$ makes the same length
    of $s$ different ones; `output_padding` says how many places to add at the end, or
    `output_size`, a second argument of the call, which length to return to.

    Parameters are drawn as PyTorch draws them, uniform within
    $\pm 1/\sqrt{C_{out} K / G}$.

    Shape: $x$ (N, in_channels, L) or (in_channels, L), $y$ (N, out_channels, M) or
    (out_channels, M) with $M = s (L - 1) - 2 P + d (K - 1) + 1$ + output_padding,
    $W$ (in_channels, out_channels / groups, K), $b$ (out_channels).

    Source: Zeiler et al., Deconvolutional networks, 2010; Dumoulin and Visin, A guide
    to convolution arithmetic for deep learning, 2016.

    Raises:
        TypeError: a size is not an int; `x` is not an array.
        ValueError: `groups` is not positive or does not divide the channels; a
            `padding_mode` other than "zeros"; an `output_size` that cannot be.
        RuntimeError: a size is out of range, `output_padding` neither below the stride
            nor below the dilation; `x` has another number of dimensions or channels, or
            another dtype than the weight; nothing is left.
    """

    dimensions = 1


class ConvTranspose2d(_Transposed):
    r"""A kernel that every pixel paints into a larger image.

    Forward: $y_{noq} = b_o + \sum_c \sum_{p, k:\, sp + dk - P = q} W_{cok}\, x_{ncp}$
    as in `ConvTranspose1d`, where the places $p$, $q$ and the offset $k$ have two
    coordinates each, and $sp + dk - P$ is meant coordinate by coordinate.

    Backward: $dx_{ncp} = \sum_o \sum_k W_{cok}\, dy_{n,o,\,sp + dk - P}$;
    $dW_{cok} = \sum_n \sum_p x_{ncp}\, dy_{n,o,\,sp + dk - P}$;
    $db_o = \sum_n \sum_q dy_{noq}$.

    Options, errors and the parameters' distribution are those of `ConvTranspose1d`;
    sizes are one number for both dimensions, or one for each.

    Shape: $x$ (N, in_channels, H, W) or (in_channels, H, W), $y$ likewise with
    out_channels and the sizes of `ConvTranspose1d`, $W$ (in_channels,
    out_channels / groups, \*kernel_size), $b$ (out_channels).

    Source: as `ConvTranspose1d`.
    """

    dimensions = 2


class ConvTranspose3d(_Transposed):
    r"""A kernel that every number of a volume paints into a larger one.

    Forward and backward: as `ConvTranspose2d`, with three coordinates.

    Options, errors and the parameters' distribution are those of `ConvTranspose1d`;
    sizes are one number for all three dimensions, or one for each.

    Shape: $x$ (N, in_channels, D, H, W) or (in_channels, D, H, W), $y$ likewise with
    out_channels and the sizes of `ConvTranspose1d`, $W$ (in_channels,
    out_channels / groups, \*kernel_size), $b$ (out_channels).

    Source: as `ConvTranspose1d`.
    """

    dimensions = 3
