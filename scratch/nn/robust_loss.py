"""Losses that are quadratic for small errors and linear for large ones.

An outlier then pulls no harder than any other large error.
"""

import numpy as np

from .._arrays import require_number, unbroadcast
from ..bases.loss_inputs import require_pair, warn_unless_same_shape
from .loss import _Loss

__all__ = ["HuberLoss", "SmoothL1Loss"]


class HuberLoss(_Loss):
    r"""Half the squared error up to $\delta$, from there on a straight line.

    Forward: with the error $e = x - t$ and $c = \min(\max(e, -\delta), \delta)$,
    $l = c\,(e - c / 2)$: that is $\frac12 e^2$ for $|e| \le \delta$, else
    $\delta\,(|e| - \frac12 \delta)$.

    Backward: in the parabola the slope is $e$, on the lines $\pm \delta$, so
    $dx = c\, dl$. It is continuous.

    Shape: input and target alike. Shapes that differ are broadcast, with a warning.

    Source: Huber, Robust estimation of a location parameter, 1964. Raises TypeError
    for a `delta` that is no number, RuntimeError for one that is not above 0.
    """

    def __init__(self, reduction="mean", delta=1.0):
        require_number("delta", delta)
        if not delta > 0:
            raise RuntimeError(f"delta: a number above 0 was expected, got {delta}")
        super().__init__(reduction=reduction)
        self.delta = delta

    def forward(self, input, target):
        require_pair(input, target)
        warn_unless_same_shape(input, target)
        error = np.asarray(input - target)
        clipped = np.clip(error, -self.delta, self.delta)
        loss, share = self._reduce(clipped * (error - clipped / 2))

        def back(dy):
            return unbroadcast(clipped * share(dy), input.shape)

        return loss, back


class SmoothL1Loss(_Loss):
    r"""The absolute error with a round corner: Huber's loss over $\beta$.

    Forward: with the error $e = x - t$ and $c = \min(\max(e, -\beta), \beta)$,
    $l = c\,(e - c / 2) / \beta$: that is $\frac{1}{2 \beta} e^2$ for $|e| \le \beta$,
    else $|e| - \frac12 \beta$. For $\beta = 0$ it is $|e|$.

    Backward: $dx = \frac{c}{\beta}\, dl$; for $\beta = 0$ it is
    $\mathrm{sign}(e)\, dl$, with the slope 0 at 0.

    Shape: input and target alike. Shapes that differ are broadcast, with a warning.

    Source: Girshick, Fast R-CNN, 2015. Raises TypeError for a `beta` that is no number,
    RuntimeError for one below 0.
    """

    def __init__(self, size_average=None, reduce=None, reduction="mean", beta=1.0):
        require_number("beta", beta)
        if not beta >= 0:
            raise RuntimeError(f"beta: a number from 0 on was expected, got {beta}")
        super().__init__(size_average, reduce, reduction)
        self.beta = beta

    def forward(self, input, target):
        require_pair(input, target)
        warn_unless_same_shape(input, target)
        error = np.asarray(input - target)
        if self.beta:
            slope = np.clip(error / self.beta, -1, 1)
            losses = slope * (error - slope * (self.beta / 2))
        else:
            slope = (error > 0).astype(error.dtype) - (error < 0)
            losses = np.abs(error)
        loss, share = self._reduce(losses)

        def back(dy):
            return unbroadcast(slope * share(dy), input.shape)

        return loss, back
