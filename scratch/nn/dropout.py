"""Noise that regularises.

All masks come from the default generator and equal PyTorch's. With `p` = 0 nothing is
drawn, nor with `p` = 1, and then everything is 0. `inplace` is taken for PyTorch's
signature; the input is never written to.
"""

import math
import warnings

import numpy as np

from .. import random
from .._arrays import empty_in_memory_order, require_float_array, require_number
from ..module import Module

__all__ = [
    "AlphaDropout",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Dropout3d",
    "FeatureAlphaDropout",
]


class _DropoutNd(Module):
    """What dropouts share: the probability, and when nothing is done."""

    def __init__(self, p=0.5, inplace=False):
        require_number("p", p)
        if not 0 <= p <= 1:
            raise ValueError(f"p: a probability in [0, 1] was expected, got {p}")
        self.p = p
        self.inplace = inplace

    def _kept(self, x):
        """1 for each element with probability 1 - p, else 0, in the order of memory."""
        kept, flat = empty_in_memory_order(x)
        flat[:] = self._bernoulli(x.size, x.dtype)
        return kept

    def _kept_maps(self, x):
        """As `_kept`, but one number for each x[n, c], in the order of the indices."""
        if x.ndim < 2:
            raise RuntimeError(
                "input: at least the 2 dimensions of samples and channels were "
                f"expected, got {x.ndim}"
            )
        drawn = self._bernoulli(x.shape[:2], x.dtype)
        return drawn.reshape(*x.shape[:2], *[1] * (x.ndim - 2))

    def _bernoulli(self, size, dtype):
        return random.default_generator.bernoulli(1 - self.p, size, dtype)

    def extra_repr(self):
        return f"p={self.p}, inplace={self.inplace}"


class _ScalingDropout(_DropoutNd):
    def _drop(self, x, draw):
        if not self.training or self.p == 0 or x.size == 0:
            return x, lambda dy: dy
        if self.p == 1:
            mask = np.zeros((), x.dtype)
        else:
            mask = draw(x)
            wide = np.promote_types(x.dtype, np.float32).type
            mask *= x.dtype.type(1 / wide(1 - self.p))
        return x * mask, lambda dy: dy * mask


class Dropout(_ScalingDropout):
    r"""Zeroes each element with probability `p` while training.

    Forward: $y = x \odot m$ with $m_i = b_i / (1 - p)$ and
    $b_i \sim \mathrm{Bernoulli}(1 - p)$. The division keeps the expectation,
    $E[y] = x$, so that nothing has to be scaled when evaluating; there $y = x$.

    Backward: the mask is a constant, $dx = dy \odot m$.

    The mask is drawn in the order of memory.

    Shape: any. Raises ValueError for a `p` outside [0, 1]. Source: Srivastava et al.,
    Dropout: a simple way to prevent neural networks from overfitting, 2014.
    """

    def forward(self, x):
        require_float_array("input", x)
        return self._drop(x, self._kept)


class Dropout1d(_ScalingDropout):
    r"""Zeroes whole channels of sequences with probability `p` while training.

    Forward: $y_{ncl} = x_{ncl}\, m_{nc}$ with $m_{nc} = b_{nc} / (1 - p)$ and
    $b_{nc} \sim \mathrm{Bernoulli}(1 - p)$. Neighbours within a channel say nearly the
    same, so that dropping them one by one would drop little information.

    Backward: $dx_{ncl} = dy_{ncl}\, m_{nc}$.

    Shape: (N, C, L) or (C, L). Raises RuntimeError for another number of dimensions,
    ValueError for a `p` outside [0, 1]. Source: Tompson et al., Efficient object
    localization using convolutional networks, 2015.
    """

    def forward(self, x):
        require_float_array("input", x)
        if x.ndim not in (2, 3):
            raise RuntimeError(f"input: 2 or 3 dimensions were expected, got {x.ndim}")
        return self._drop(x, lambda x: _batched(self._kept_maps, x, 3))


class Dropout2d(_ScalingDropout):
    r"""Zeroes whole channels of images with probability `p` while training.

    Forward: $y_{nchw} = x_{nchw}\, m_{nc}$, with the $m$ of `Dropout1d`.

    Backward: $dx_{nchw} = dy_{nchw}\, m_{nc}$.

    Shape: (N, C, H, W). As in PyTorch three dimensions are (N, C, L), with a warning,
    and other numbers of dimensions from two on are taken with one too.

    Raises RuntimeError for fewer than two dimensions, ValueError for a `p` outside
    [0, 1]. Source: as `Dropout1d`.
    """

    def forward(self, x):
        require_float_array("input", x)
        if x.ndim != 4:
            warnings.warn(
                f"input: {x.ndim} dimensions are taken as (N, C, ...), and Dropout2d "
                "is for (N, C, H, W)",
                stacklevel=3,
            )
        return self._drop(x, self._kept_maps)


class Dropout3d(_ScalingDropout):
    r"""Zeroes whole channels of volumes with probability `p` while training.

    Forward: $y_{ncdhw} = x_{ncdhw}\, m_{nc}$, with the $m$ of `Dropout1d`.

    Backward: $dx_{ncdhw} = dy_{ncdhw}\, m_{nc}$.

    Shape: (N, C, D, H, W) or (C, D, H, W). As in PyTorch other numbers of dimensions
    are taken with a warning, as one sample whose first dimension is the channel.

    Raises ValueError for a `p` outside [0, 1]. Source: as `Dropout1d`.
    """

    def forward(self, x):
        require_float_array("input", x)
        if x.ndim not in (4, 5):
            warnings.warn(
                f"input: {x.ndim} dimensions are taken as (C, ...), and Dropout3d is "
                "for (N, C, D, H, W) or (C, D, H, W)",
                stacklevel=3,
            )
        return self._drop(x, lambda x: _batched(self._kept_maps, x, 5))


class _ShiftingDropout(_DropoutNd):
    # What a SELU gives far on the left: minus its scale times its alpha.
    SATURATION = 1.7580993408473766

    def _drop(self, x, draw):
        if not self.training or self.p == 0 or x.size == 0:
            return x, lambda dy: dy
        if self.p == 1:
            return x * np.zeros((), x.dtype), lambda dy: dy * np.zeros((), x.dtype)
        kept = draw(x)
        s, p, narrow = self.SATURATION, self.p, x.dtype.type
        a = 1 / math.sqrt((s * s * p + 1) * (1 - p))
        # b of a dropped element and of a kept one, rounded where PyTorch rounds
        wide = np.promote_types(x.dtype, np.float32).type
        dropped = narrow(wide(narrow(-wide(s * a))) + wide(s * a * p))
        shift = np.where(kept == 0, dropped, narrow(s * a * p))
        scale = kept * narrow(a)
        y = x * scale
        y += shift
        return y, lambda dy: dy * scale


class AlphaDropout(_ShiftingDropout):
    r"""Sets each element to what a SELU saturates at, with probability `p`.

    Forward: while training $y = a\,(x\, b + \alpha' (1 - b)) + c$, where
    $b \sim \mathrm{Bernoulli}(q)$ with $q = 1 - p$ for each element, and
    $\alpha' = -\lambda \alpha$ of `SELU`. For $x$ of mean 0 and variance 1 the bracket
    has mean $p \alpha'$ and variance $q + p q\, \alpha'^2$, so
    $a = (q + p q\, \alpha'^2)^{-1/2}$ and $c = -a\, p\, \alpha'$ bring mean 0 and
    variance 1 back. When evaluating $y = x$.

    Backward: the draws are constants, $dx = a\, b\, dy$.

    The mask is drawn in the order of memory.

    Shape: any. Raises ValueError for a `p` outside [0, 1]. Source: Klambauer et al.,
    Self-normalizing neural networks, 2017.
    """

    def forward(self, x):
        require_float_array("input", x)
        return self._drop(x, self._kept)


class FeatureAlphaDropout(_ShiftingDropout):
    r"""Alpha dropout of whole channels.

    Forward: as `AlphaDropout`, with one draw $b_{nc}$ for all of $x_{nc}$.

    Backward: $dx = a\, b\, dy$.

    Shape: (N, C, ...). Raises RuntimeError for fewer than two dimensions, ValueError
    for a `p` outside [0, 1]. Source: as `AlphaDropout`.
    """

    def forward(self, x):
        require_float_array("input", x)
        return self._drop(x, self._kept_maps)


def _batched(draw, x, ndim):
    """`draw(x)`, where an x without the dimension of samples becomes one sample."""
    return draw(x) if x.ndim == ndim else draw(x[None])[0]
