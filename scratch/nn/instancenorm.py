"""Normalising each channel of each sample on its own."""

import math
import warnings

import numpy as np

from .._arrays import require_float_array, sum_rows
from ..kernels.standardise import standardise_channels
from ..kernels.window import wide
from .batchnorm import BatchNorm

__all__ = ["InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d"]


class _InstanceNorm(BatchNorm):
    """What instance normalisation shares, whatever the shape of the input."""

    ndims: tuple[int, int]  # without a batch, and with one

    def __init__(
        self,
        num_features,
        eps=1e-5,
        momentum=0.1,
        affine=False,
        track_running_stats=False,
        dtype=None,
        *,
        bias=True,
    ):
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, dtype, bias=bias
        )

    def forward(self, x):
        of_input = self.training or not self.track_running_stats
        self._require_fitting(x, of_input)
        batch = x if x.ndim == self.ndims[1] else x[None]
        (n, channels), length = batch.shape[:2], math.prod(batch.shape[2:])
        # The n samples as one, with n times as many channels.
        X = batch.reshape(1, n * channels, length).astype(wide(x.dtype), copy=False)
        w, b, *known = (
            None if own is None else np.tile(np.asarray(own, X.dtype), n)
            for own in (self.weight, self.bias, self.running_mean, self.running_var)
        )
        Y, back_of_channels, means, variances = standardise_channels(
            X, self.eps, w, b, None if of_input else tuple(known)
        )
        if of_input and self.track_running_stats and length:
            variances = variances * (length / (length - 1))
            self._track(means.reshape(n, channels), variances.reshape(n, channels), n)

        def back(dy):
            dY = dy.reshape(X.shape).astype(X.dtype, copy=False)
            dX, dw, db = back_of_channels(dY)
            if self.weight is not None:
                self.weight.accumulate(sum_rows(dw.reshape(n, channels)))
            if self.bias is not None:
                self.bias.accumulate(sum_rows(db.reshape(n, channels)))
            return dX.reshape(x.shape).astype(x.dtype, copy=False)

        return Y.reshape(x.shape).astype(x.dtype, copy=False), back

    def _track(self, means, variances, n: int) -> None:
        """Move the running statistics towards the mean of those of the samples.

        As in PyTorch the mean over no samples is NaN, and batches are not counted.
        """
        share = self.momentum or 0
        for running, new in (self.running_mean, means), (self.running_var, variances):
            with np.errstate(invalid="ignore"):
                mean = sum_rows(new) / np.asarray(n, new.dtype)
            running[...] = (1 - share) * running + share * mean

    def _require_fitting(self, x, of_input: bool) -> None:
        require_float_array("input", x)
        if x.ndim not in self.ndims:
            raise ValueError(
                f"input: {self.ndims[0]} dimensions (without a batch) or "
                f"{self.ndims[1]} were expected, got shape {x.shape}"
            )
        channels = x.shape[x.ndim - self.ndims[0]]
        if channels != self.num_features:
            wrong = (
                f"input: shape {x.shape} does not have num_features = "
                f"{self.num_features} channels"
            )
            if self.affine:
                raise ValueError(wrong)
            warnings.warn(f"{wrong}, which nothing depends on", stacklevel=4)
            if self.track_running_stats:
                raise RuntimeError(wrong)
        if of_input and math.prod(x.shape[x.ndim - self.ndims[0] + 1 :]) == 1:
            raise ValueError(
                f"input: more than 1 value per channel was expected when training, got "
                f"shape {x.shape}"
            )
        own = self.weight
        if own is not None and own.dtype not in (x.dtype, wide(x.dtype)):
            raise RuntimeError(
                f"input: dtype {x.dtype} does not go with weight of {own.dtype}"
            )


class InstanceNorm1d(_InstanceNorm):
    r"""Each channel of each sequence normalised on its own.

    Forward: with $\mu$ and $\sigma^2$ the mean and the variance (divided by $n$) of the
    $n$ numbers of one channel of one sample, $y = \hat x\, w + b$ with
    $\hat x = (x - \mu)\, r$ and $r = 1 / \sqrt{\sigma^2 + \epsilon}$; $w$ and $b$ are
    those of the channel, and without `affine` there are none.

    Backward: $dw = \sum dy\, \hat x$ and $db = \sum dy$ over samples and positions.
    With $g = dy\, w$ what reaches $\hat x$, and $\hat x_i$ depending on $x_j$ directly,
    through $\mu$ and through $\sigma^2$: $\partial \hat x_i / \partial x_j
    = r\,([i = j] - \frac1n - \frac1n \hat x_i \hat x_j)$. Hence
    $dx_j = r\,(g_j - \frac1n \sum_i g_i - \hat x_j \frac1n \sum_i g_i \hat x_i)$ within
    the channel of the sample.

    With `track_running_stats` the running statistics move, while training, towards the
    mean over the samples of $\mu$ and of $\sigma^2$, this one divided by $n - 1$:
    $s \leftarrow (1 - m)\, s + m\, \bar s$ with $m$ = `momentum`. When evaluating these
    constants are $\mu$ and $\sigma^2$, and $dx = r\, g$. As in PyTorch a momentum of
    None is 0 here, so that they never move, and `num_batches_tracked` stays 0.

    State, with `track_running_stats`: `running_mean`, `running_var`,
    `num_batches_tracked`.

    Shape: $x$ and $y$ (N, C, L) or (C, L); $w$, $b$ and the statistics (C), with C =
    `num_features`.

    Source: Ulyanov, Vedaldi and Lempitsky, Instance normalization: the missing
    ingredient for fast stylization, 2016.

    Raises:
        TypeError: `num_features` is not an int; `x` is not an array.
        ValueError: `x` has another number of dimensions, another number of channels
            than the weight, or a single value for each channel while training.
        RuntimeError: `x` has another number of channels than the statistics, or another
            dtype than the weight (for float16, float32 is taken too).

    Another number of channels is a warning where there is neither.
    """

    ndims = (2, 3)


class InstanceNorm2d(_InstanceNorm):
    r"""Each channel of each image normalised on its own.

    Forward: as in `InstanceNorm1d`, $y = \hat x\, w + b$ with $\hat x = (x - \mu)\, r$
    and $r = 1 / \sqrt{\sigma^2 + \epsilon}$, the mean and the variance being those of
    the $n$ numbers along both dimensions of the image.

    Backward: $dx_j = r\,(g_j - \frac1n \sum_i g_i - \hat x_j \frac1n \sum_i g_i
    \hat x_i)$ with $g = dy\, w$; $dw = \sum dy\, \hat x$; $db = \sum dy$.

    Options, state, source and errors are those of `InstanceNorm1d`.

    Shape: $x$ and $y$ (N, C, H, W) or (C, H, W); $w$, $b$ and the statistics (C), with
    C = `num_features`.
    """

    ndims = (3, 4)


class InstanceNorm3d(_InstanceNorm):
    r"""Each channel of each volume normalised on its own.

    Forward: as in `InstanceNorm1d`, $y = \hat x\, w + b$ with $\hat x = (x - \mu)\, r$
    and $r = 1 / \sqrt{\sigma^2 + \epsilon}$, the mean and the variance being those of
    the $n$ numbers along the three dimensions of the volume.

    Backward: $dx_j = r\,(g_j - \frac1n \sum_i g_i - \hat x_j \frac1n \sum_i g_i
    \hat x_i)$ with $g = dy\, w$; $dw = \sum dy\, \hat x$; $db = \sum dy$.

    Options, state, source and errors are those of `InstanceNorm1d`.

    Shape: $x$ and $y$ (N, C, D, H, W) or (C, D, H, W); $w$, $b$ and the statistics (C),
    with C = `num_features`.
    """

    ndims = (4, 5)
