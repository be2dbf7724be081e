"""Normalising each sample on its own."""

import math

import numpy as np

from .._arrays import (
    require_float_array,
    require_int,
    require_number,
    require_same_dtype,
)
from ..kernels.standardise import channel_dots, channel_sums, standardise
from ..kernels.window import wide
from ..module import Module, Parameter
from . import init

__all__ = [
    "CrossMapLRN2d",
    "GroupNorm",
    "LayerNorm",
    "LocalResponseNorm",
    "RMSNorm",
]


class _Norm(Module):
    """A norm with a weight that starts from 1 and a bias from 0, or without them."""

    weight: Parameter | None
    bias: Parameter | None

    def reset_parameters(self):
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)


class _OverLastDimensions(_Norm):
    """What norms over the last dimensions share, with weights of their shape."""

    def _set_shape(self, normalized_shape) -> None:
        shape = normalized_shape
        if not isinstance(shape, tuple | list):
            shape = (shape,)
        for n in shape:
            require_int("normalized_shape", n)
            if n < 0:
                raise RuntimeError(
                    f"normalized_shape: sizes were expected, got {normalized_shape}"
                )
        self.normalized_shape = tuple(shape)

    def _parameter(self, wanted: bool, dtype) -> Parameter | None:
        if not wanted:
            return None
        return Parameter(np.empty(self.normalized_shape, dtype or np.float32))

    def _normalise(self, x, eps: float, centred: bool):
        shape = self.normalized_shape
        require_float_array("input", x)
        if not shape or x.shape[max(0, x.ndim - len(shape)) :] != shape:
            raise RuntimeError(
                f"input: shape {x.shape} does not end in normalized_shape = {shape}"
            )
        if self.weight is not None:
            require_same_dtype("input", x, "weight", self.weight.data)
        dtype, width = wide(x.dtype), math.prod(shape)
        X = x.reshape(math.prod(x.shape[: x.ndim - len(shape)]), width)
        W, b = (
            None if p is None else p.data.reshape(width).astype(dtype, copy=False)
            for p in (self.weight, self.bias)
        )
        Y, back_of_rows = standardise(X.astype(dtype, copy=False), eps, W, b, centred)

        def back(dy):
            dX, dW, db = back_of_rows(dy.reshape(X.shape).astype(dtype, copy=False))
            if self.weight is not None:
                self.weight.accumulate(dW.reshape(shape))
            if self.bias is not None:
                self.bias.accumulate(db.reshape(shape))
            return dX.reshape(x.shape).astype(x.dtype, copy=False)

        return Y.reshape(x.shape).astype(x.dtype, copy=False), back


class LayerNorm(_OverLastDimensions):
    r"""Each sample normalised over its last dimensions.

    Forward: with $\mu$ and $\sigma^2$ the mean and the variance (divided by $n$) of the
    $n$ numbers of `normalized_shape`, $y = \hat x \odot w + b$ with
    $\hat x = (x - \mu)\, r$ and $r = 1 / \sqrt{\sigma^2 + \epsilon}$.

    Backward: $dw = \sum dy \odot \hat x$ and $db = \sum dy$ over the samples. With
    $g = dy \odot w$ what reaches $\hat x$, and $\hat x_i$ depending on $x_j$ directly,
    through $\mu$ and through $\sigma^2$: $\partial \hat x_i / \partial x_j
    = r\,([i = j] - \frac1n - \frac1n \hat x_i \hat x_j)$, since
    $\partial \sigma^2 / \partial x_j = \frac2n (x_j - \mu)$. Hence
    $dx_j = r\,(g_j - \frac1n \sum_i g_i - \hat x_j \frac1n \sum_i g_i \hat x_i)$.

    Shape: $x$ and $y$ (*, \*normalized_shape); $w$ and $b$ normalized_shape.

    Source: Ba, Kiros and Hinton, Layer normalization, 2016.

    Raises:
        TypeError: a size is not an int; `x` is not an array.
        RuntimeError: a size is negative; `x` does not end in `normalized_shape`, or its
            dtype is not that of the weight.
    """

    def __init__(
        self,
        normalized_shape,
        eps=1e-5,
        elementwise_affine=True,
        bias=True,
        dtype=None,
    ):
        self._set_shape(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        self.weight = self._parameter(elementwise_affine, dtype)
        self.bias = self._parameter(elementwise_affine and bias, dtype)
        self.reset_parameters()

    def forward(self, x):
        return self._normalise(x, self.eps, centred=True)

    def extra_repr(self):
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.elementwise_affine}, "
            f"bias={self.bias is not None}"
        )


class RMSNorm(_OverLastDimensions):
    r"""Each sample divided by the root of its mean square over its last dimensions.

    Forward: $y = \hat x \odot w$ with $\hat x = x\, r$ and
    $r = 1 / \sqrt{\frac1n \sum_i x_i^2 + \epsilon}$.

    Backward: $dw = \sum dy \odot \hat x$ over the samples. With $g = dy \odot w$ and
    $\partial \hat x_i / \partial x_j = r\,([i = j] - \frac1n \hat x_i \hat x_j)$,
    $dx_j = r\,(g_j - \hat x_j \frac1n \sum_i g_i \hat x_i)$.

    Without `eps` it is the machine epsilon of the dtype in which is computed: that of
    the input, float32 for float16.

    Shape: $x$ and $y$ (*, \*normalized_shape); $w$ normalized_shape.

    Source: Zhang and Sennrich, Root mean square layer normalization, 2019.

    Raises: as `LayerNorm`; ValueError if `x` has fewer dimensions than
    `normalized_shape`.
    """

    def __init__(self, normalized_shape, eps=None, elementwise_affine=True, dtype=None):
        self._set_shape(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        self.weight = self._parameter(elementwise_affine, dtype)
        self.bias = None
        self.reset_parameters()

    def forward(self, x):
        require_float_array("input", x)
        if x.ndim < len(self.normalized_shape):
            raise ValueError(
                f"input: shape {x.shape} has fewer dimensions than normalized_shape = "
                f"{self.normalized_shape}"
            )
        eps = np.finfo(wide(x.dtype)).eps if self.eps is None else self.eps
        return self._normalise(x, float(eps), centred=False)

    def extra_repr(self):
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.elementwise_affine}"
        )


class GroupNorm(_Norm):
    r"""Each sample normalised over groups of its channels.

    Forward: as in `LayerNorm`, with mean and variance over the channels of a group and
    all positions; $y = \hat x\, w + b$ with one $w$ and one $b$ for each channel.

    Backward: $dw_c = \sum dy\, \hat x$ and $db_c = \sum dy$ over samples and positions;
    $dx$ as in `LayerNorm` with $g = dy\, w$.

    Shape: $x$ and $y$ (N, num_channels, *); $w$ and $b$ (num_channels).

    Source: Wu and He, Group normalization, 2018.

    Raises:
        TypeError: a number is not an int; `x` is not an array.
        ValueError: `num_groups` does not divide `num_channels`; a group holds a single
            value in all of a batch.
        RuntimeError: `x` has fewer than 2 dimensions, another number of channels, or
            another dtype than the weight.
    """

    def __init__(
        self,
        num_groups,
        num_channels,
        eps=1e-5,
        affine=True,
        dtype=None,
        *,
        bias=True,
    ):
        require_int("num_groups", num_groups)
        require_int("num_channels", num_channels)
        if num_groups < 1 or num_channels % num_groups:
            raise ValueError(
                f"num_groups: a divisor of num_channels = {num_channels} was expected, "
                f"got {num_groups}"
            )
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine
        dtype = dtype or np.float32
        self.weight = Parameter(np.empty(num_channels, dtype)) if affine else None
        self.bias = (
            Parameter(np.empty(num_channels, dtype)) if affine and bias else None
        )
        self.reset_parameters()

    def forward(self, x):
        self._require_fitting(x)
        dtype, (n, channels) = wide(x.dtype), x.shape[:2]
        length = math.prod(x.shape[2:])
        rows = n * self.num_groups, channels // self.num_groups * length
        x_hat, back_of_rows = standardise(
            x.astype(dtype, copy=False).reshape(rows), self.eps
        )
        x_hat = x_hat.reshape(n, channels, length)
        w, b = (
            None if p is None else p.data.astype(dtype, copy=False)[:, None]
            for p in (self.weight, self.bias)
        )
        Y = x_hat if w is None else x_hat * w
        if b is not None:
            Y += b

        def back(dy):
            dY = dy.reshape(x_hat.shape).astype(dtype, copy=False)
            if w is not None:
                self.weight.accumulate(channel_dots(dY, x_hat))
            if b is not None:
                self.bias.accumulate(channel_sums(dY))
            g = dY if w is None else dY * w
            dX, _, _ = back_of_rows(g.reshape(rows))
            return dX.reshape(x.shape).astype(x.dtype, copy=False)

        return Y.reshape(x.shape).astype(x.dtype, copy=False), back

    def _require_fitting(self, x) -> None:
        require_float_array("input", x)
        if x.ndim < 2 or x.shape[1] != self.num_channels:
            raise RuntimeError(
                f"input: shape {x.shape} does not have num_channels = "
                f"{self.num_channels} channels after the batch"
            )
        if self.weight is not None:
            require_same_dtype("input", x, "weight", self.weight.data)
        values = len(x) * self.num_channels // self.num_groups
        if values * math.prod(x.shape[2:]) == 1:
            raise ValueError(
                f"input: more than 1 value per group was expected, got shape {x.shape}"
            )

    def extra_repr(self):
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, "
            f"affine={self.affine}, bias={self.bias is not None}"
        )


class _ResponseNorm(Module):
    """What norms over neighbouring channels share."""

    def __init__(self, size, alpha=1e-4, beta=0.75, k=1.0):
        require_int("size", size)
        if size < 1:
            raise RuntimeError(f"size: at least 1 was expected, got {size}")
        for name, value in ("alpha", alpha), ("beta", beta), ("k", k):
            require_number(name, value)
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def _normalise(self, x, before: int, after: int):
        """With a sum over the channels from c - `before` to c + `after`."""
        X = x.astype(wide(x.dtype), copy=False)
        share = self.alpha / self.size
        with np.errstate(over="ignore"):  # an infinite S is a y of 0
            S = _sum_of_neighbours(X * X, before, after)
        S *= share
        S += self.k
        falling = S**-self.beta
        Y = X * falling

        def back(dy):
            dY = dy.astype(X.dtype, copy=False)
            through = dY * Y
            through /= S
            dX = _sum_of_neighbours(through, after, before)
            dX *= X
            dX *= -2 * share * self.beta
            dX += dY * falling
            return dX.astype(x.dtype, copy=False)

        return Y.astype(x.dtype, copy=False), back

    def extra_repr(self):
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


def _sum_of_neighbours(x: np.ndarray, before: int, after: int) -> np.ndarray:
    """For each channel c the sum over those from c - before to c + after."""
    total, last = x.copy(), x.shape[1] - 1
    for d in range(1, min(before, last) + 1):
        total[:, d:] += x[:, :-d]
    for d in range(1, min(after, last) + 1):
        total[:, :-d] += x[:, d:]
    return total


class LocalResponseNorm(_ResponseNorm):
    r"""Each number divided by a power of the mean square of its neighbour channels.

    Forward: $y_c = x_c\, S_c^{-\beta}$ at each position, with
    $S_c = k + \frac{\alpha}{n} \sum_{c'} x_{c'}^2$ over the $n$ = `size` channels from
    $c - \lfloor n / 2 \rfloor$ on, as far as they are there; it is divided by $n$ at
    the borders too.

    Backward: $x_j$ stands in $y_j$ itself and in the sums of its neighbours, with
    $\partial S_c / \partial x_j = \frac{2\alpha}{n} x_j$ and
    $\partial y_c / \partial S_c = -\beta\, y_c / S_c$, so
    $dx_j = dy_j\, S_j^{-\beta} - \frac{2\alpha\beta}{n} x_j
    \sum_{c:\, j \in c} dy_c\, y_c / S_c$ over all channels in whose sum $j$ is.

    Shape: $x$ and $y$ (N, C, *), at least three dimensions.

    Source: Krizhevsky, Sutskever and Hinton, ImageNet classification with deep
    convolutional neural networks, 2012.

    Raises:
        TypeError: an option is not a number, `size` not an int; `x` is not an array.
        ValueError: `x` has fewer than three dimensions.
        RuntimeError: `size` is not positive.
    """

    def forward(self, x):
        require_float_array("input", x)
        if x.ndim < 3:
            raise ValueError(
                f"input: at least 3 dimensions were expected, got shape {x.shape}"
            )
        return self._normalise(x, self.size // 2, (self.size - 1) // 2)


class CrossMapLRN2d(_ResponseNorm):
    r"""Local response normalisation of images, as Torch 7 has it.

    Forward and backward: as in `LocalResponseNorm`, with the sum over all channels
    $c'$ with $|c' - c| \le (n - 1) / 2$, which for an even $n$ = `size` are $n - 1$.

    PyTorch's class agrees where $(n - 1) / 2$ is at least the number of channels.
    Elsewhere it never takes channel 0 out of its running sum, and on the way back sums
    over channels that are one off, so that its gradient is not that of its output.

    Shape: $x$ and $y$ (N, C, H, W).

    Source: as `LocalResponseNorm`.

    Raises: as `LocalResponseNorm`; ValueError unless `x` has four dimensions.
    """

    def __init__(self, size, alpha=1e-4, beta=0.75, k=1):
        super().__init__(size, alpha, beta, k)

    def forward(self, x):
        require_float_array("input", x)
        if x.ndim != 4:
            raise ValueError(f"input: 4 dimensions were expected, got shape {x.shape}")
        return self._normalise(x, (self.size - 1) // 2, (self.size - 1) // 2)
