"""Normalising each channel over the batch."""

import math

import numpy as np

from .._arrays import require_float_array, require_sizes
from ..kernels.standardise import standardise_channels
from ..kernels.window import wide
from ..module import Module, Parameter
from . import init

__all__ = ["BatchNorm1d", "BatchNorm2d", "BatchNorm3d"]


class BatchNorm(Module):
    """What batch normalisation shares, whatever the shape of the input."""

    ndims: tuple[int, ...]

    def __init__(
        self,
        num_features,
        eps=1e-5,
        momentum=0.1,
        affine=True,
        track_running_stats=True,
        dtype=None,
        *,
        bias=True,
    ):
        require_sizes(num_features=num_features)
        dtype = dtype or np.float32
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        empty = np.empty(num_features, dtype)
        self.weight = Parameter(empty) if affine else None
        self.bias = Parameter(empty.copy()) if affine and bias else None
        tracked = track_running_stats or None
        self.register_buffer("running_mean", tracked and np.zeros(num_features, dtype))
        self.register_buffer("running_var", tracked and np.ones(num_features, dtype))
        self.register_buffer("num_batches_tracked", tracked and np.array(0, np.int64))
        self.reset_parameters()

    def reset_running_stats(self):
        if self.track_running_stats:
            self.running_mean[...] = 0
            self.running_var[...] = 1
            self.num_batches_tracked[...] = 0

    def reset_parameters(self):
        self.reset_running_stats()
        if self.affine:
            init.ones_(self.weight)
            if self.bias is not None:
                init.zeros_(self.bias)

    def forward(self, x):
        of_batch = self.training or self.running_mean is None
        self._require_fitting(x, of_batch)
        dtype = wide(x.dtype)
        X = x.reshape(*x.shape[:2], math.prod(x.shape[2:])).astype(dtype, copy=False)
        w, b = (
            None if p is None else p.data.astype(dtype, copy=False)
            for p in (self.weight, self.bias)
        )
        known = None if of_batch else (self.running_mean, self.running_var)
        Y, back_of_channels, mean, variance = standardise_channels(
            X, self.eps, w, b, known and tuple(s.astype(dtype) for s in known)
        )
        if self.training and self.track_running_stats:
            self._track(mean, variance, X.shape[0] * X.shape[2])

        def back(dy):
            dY = dy.reshape(X.shape).astype(dtype, copy=False)
            dX, dw, db = back_of_channels(dY)
            if self.weight is not None:
                self.weight.accumulate(dw)
            if self.bias is not None:
                self.bias.accumulate(db)
            return dX.reshape(x.shape).astype(x.dtype, copy=False)

        return Y.reshape(x.shape).astype(x.dtype, copy=False), back

    def _track(self, mean, variance, n: int) -> None:
        """Move the running statistics towards those of the batch, in place.

        An empty batch is counted, and has no statistics.
        """
        self.num_batches_tracked += 1
        if n == 0:
            return
        share = self.momentum
        if share is None:  # the mean of all batches so far
            share = 1 / int(self.num_batches_tracked)
        unbiased = variance * (n / (n - 1))
        for running, new in (self.running_mean, mean), (self.running_var, unbiased):
            running[...] = (1 - share) * running + share * new

    def _require_fitting(self, x, of_batch: bool) -> None:
        require_float_array("input", x)
        if x.ndim not in self.ndims:
            wanted = " or ".join(map(str, self.ndims))
            raise ValueError(
                f"input: {wanted} dimensions expected, got shape {x.shape}"
            )
        if of_batch and len(x) * math.prod(x.shape[2:]) == 1:
            raise ValueError(
                f"input: more than 1 value per channel was expected when training, got "
                f"shape {x.shape}"
            )
        if self.eps < 0 or (of_batch and self.eps == 0):
            raise ValueError(f"eps: a positive number was expected, got {self.eps}")
        if x.shape[1] != self.num_features:
            raise RuntimeError(
                f"input: shape {x.shape} does not have num_features = "
                f"{self.num_features} channels"
            )
        for own in self.weight, self.running_mean:
            if own is not None and own.dtype not in (x.dtype, wide(x.dtype)):
                raise RuntimeError(
                    f"input: dtype {x.dtype} does not go with weight or running_mean "
                    f"of {own.dtype}"
                )

    def extra_repr(self):
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, "
            f"affine={self.affine}, bias={self.bias is not None}, "
            f"track_running_stats={self.track_running_stats}"
        )


class BatchNorm1d(BatchNorm):
    r"""Each feature, or channel of a sequence, normalised over the batch.

    Forward: with $\mu$ and $\sigma^2$ the mean and the variance (divided by $n$) of a
    channel over the $n$ numbers of all samples and positions,
    $y = \hat x\, w + b$ with $\hat x = (x - \mu)\, r$ and
    $r = 1 / \sqrt{\sigma^2 + \epsilon}$.

    Backward: $dw = \sum dy\, \hat x$; $db = \sum dy$. With $g = dy\, w$ what reaches
    $\hat x$, and $\hat x_i$ depending on $x_j$ directly, through $\mu$ and through
    $\sigma^2$: $\partial \hat x_i / \partial x_j
    = r\,([i = j] - \frac1n - \frac1n \hat x_i \hat x_j)$, since
    $\partial \sigma^2 / \partial x_j = \frac2n (x_j - \mu)$. Hence
    $dx_j = r\,(g_j - \frac1n \sum_i g_i - \hat x_j \frac1n \sum_i g_i \hat x_i)$.

    While training, the running statistics move towards those of the batch,
    $s \leftarrow (1 - m)\, s + m\, s_{batch}$ with $m$ = `momentum` (None: so that $s$
    is the mean of all batches), the variance divided by $n - 1$. When evaluating these
    constants are $\mu$ and $\sigma^2$, and $dx = r\, g$; without `track_running_stats`
    the batch's own are taken then too.

    State: `running_mean`, `running_var`, `num_batches_tracked`.

    Shape: $x$ and $y$ (N, C) or (N, C, L); $w$, $b$ and the statistics (C), with C =
    `num_features`.

    Source: Ioffe and Szegedy, Batch normalization: accelerating deep network training
    by reducing internal covariate shift, 2015.

    Raises:
        TypeError: `num_features` is not an int; `x` is not an array.
        ValueError: `x` has another number of dimensions, or a single value for each
            channel while training; `eps` is not positive.
        RuntimeError: `x` has another number of channels, or another dtype than the
            weight (for float16, float32 is taken too).
    """

    ndims = (2, 3)


class BatchNorm2d(BatchNorm):
    r"""Each channel of an image normalised over the batch.

    Forward and backward: as in `BatchNorm1d`, with means over all samples and both
    dimensions of the image.

    Options, state, source and errors are those of `BatchNorm1d`.

    Shape: $x$ and $y$ (N, C, H, W); $w$, $b$ and the statistics (C), with C =
    `num_features`.
    """

    ndims = (4,)


class BatchNorm3d(BatchNorm):
    r"""Each channel of a volume normalised over the batch.

    Forward and backward: as in `BatchNorm1d`, with means over all samples and the three
    dimensions of the volume.

    Options, state, source and errors are those of `BatchNorm1d`.

    Shape: $x$ and $y$ (N, C, D, H, W); $w$, $b$ and the statistics (C), with C =
    `num_features`.
    """

    ndims = (5,)
