r"""Losses that are content once the right answer leads by a margin.

A hinge $\max(0, z)$ has the slope 1 for $z > 0$ and 0 for $z < 0$; at its corner it is
0 or 1 as in PyTorch, and each loss says which.
"""

import numpy as np

from .._arrays import require_array, require_float_array, require_number, unbroadcast
from ..bases.loss_inputs import (
    require_class_weights,
    require_fitting,
    require_pair,
    require_same_shape,
    require_weight,
    whole_as_float,
)
from .activation import log_sigmoid, sigmoid
from .loss import _Loss, _WeightedLoss

__all__ = [
    "HingeEmbeddingLoss",
    "MultiLabelMarginLoss",
    "MultiLabelSoftMarginLoss",
    "MultiMarginLoss",
    "SoftMarginLoss",
]


class SoftMarginLoss(_Loss):
    r"""Logistic loss of two classes whose targets are -1 and 1.

    Forward: $l = \log(1 + e^{-t x})$.

    Backward: $dx = -t\, \frac{e^{-t x}}{1 + e^{-t x}}\, dl$.

    As in PyTorch the exponential may overflow, for $-t x$ above 88 in float32: then the
    loss is infinite and its gradient NaN. `BCEWithLogitsLoss` has no such limit.

    Shape: input and target alike, or such that one can be broadcast to the other.
    """

    def forward(self, input, target):
        require_float_array("input", input)
        target = whole_as_float(target, input)
        require_pair(input, target)
        require_fitting(input, target)
        with np.errstate(over="ignore"):
            z = np.exp(-target * input)
        loss, share = self._reduce(np.log1p(z))

        def back(dy):
            with np.errstate(invalid="ignore"):
                slope = -target * (z / (1 + z))
                return unbroadcast(np.asarray(slope * share(dy)), input.shape)

        return loss, back


class HingeEmbeddingLoss(_Loss):
    r"""Pulls distances of like pairs to 0, those of unlike pairs beyond a margin.

    Forward: $l = x$ for $t = 1$, $l = \max(0, m - x)$ for $t = -1$, with $m$ =
    `margin`. (Any other target gets the sum of both, as in PyTorch.)

    Backward: $dx = dl$ for $t = 1$; $dx = -dl\,[m - x \ge 0]$ for $t = -1$: the slope
    at the corner is -1.

    Shape: input and target alike, or such that one can be broadcast to the other.
    Raises TypeError for a `margin` that is no number.
    """

    def __init__(self, margin=1.0, size_average=None, reduce=None, reduction="mean"):
        require_number("margin", margin)
        super().__init__(size_average, reduce, reduction)
        self.margin = margin

    def forward(self, input, target):
        require_float_array("input", input)
        target = whole_as_float(target, input)
        require_pair(input, target)
        require_fitting(input, target)
        zero = input.dtype.type(0)
        like, unlike = target != -1, target != 1
        gap = self.margin - input
        losses = np.where(like, input, zero)
        losses = losses + np.where(unlike, np.maximum(gap, zero), zero)
        loss, share = self._reduce(losses)

        def back(dy):
            slope = like.astype(input.dtype) - (unlike & (gap >= 0))
            return unbroadcast(np.asarray(slope * share(dy)), input.shape)

        return loss, back


class MultiMarginLoss(_WeightedLoss):
    r"""Hinge loss of several classes: the right one must lead each other by a margin.

    Forward: with $z_j = m - x_t + x_j$ and $m$ = `margin`,
    $l = \frac{w_t}{C} \sum_{j \ne t} \max(0, z_j)^p$.

    Backward: with $g_j = \frac{w_t}{C}\, p\, z_j^{p - 1}\, [z_j > 0]\, dl$ for
    $j \ne t$: each $x_j$ raises one term, $dx_j = g_j$, and $x_t$ lowers all of them,
    $dx_t = -\sum_{j \ne t} g_j$. At the corner the slope is 0, and so it is for a NaN,
    whose term counts as 0.

    Shape: input (N, C) or (C), target (N) or () of class indices (int64).

    Raises:
        ValueError: `p` is neither 1 nor 2, or `weight` has not one dimension.
        RuntimeError: a target outside [0, C), shapes or dtypes that do not fit.
    """

    def __init__(
        self,
        p=1,
        margin=1.0,
        weight=None,
        size_average=None,
        reduce=None,
        reduction="mean",
    ):
        require_number("margin", margin)
        super().__init__(weight, size_average, reduce, reduction)
        if p not in (1, 2):
            raise ValueError(f"p: 1 or 2 was expected, got {p!r}")
        if weight is not None and weight.ndim != 1:
            raise ValueError(
                f"weight: one dimension was expected, got shape {weight.shape}"
            )
        self.p = p
        self.margin = margin

    def forward(self, input, target):
        require_float_array("input", input)
        _require_rows(input)
        x = np.asarray(input).reshape(-1, input.shape[-1] if input.ndim else 1)
        N, C = (len(input) if input.ndim == 2 else 1), x.shape[1]
        _require_classes(target, -1, C)
        if target.ndim > 1 or target.size != N or (target.ndim == 0) > (input.ndim < 2):
            raise RuntimeError(
                f"target: shape {target.shape} was given, one class for each of {N} "
                f"samples is expected"
            )
        if target.size and target.min() < 0:
            raise RuntimeError(f"target: {target.min()} is not a class in [0, {C})")
        require_class_weights(self.weight, x)
        t, rows = target.reshape(-1), np.arange(N)
        z = x - x[rows, t][:, None] + self.margin
        z[rows, t] = 0
        z = np.where(z > 0, z, x.dtype.type(0))
        factor = np.full(N, 1 / C, x.dtype)
        if self.weight is not None:
            factor *= self.weight[t]
        losses = (z if self.p == 1 else z * z).sum(axis=1) * factor
        loss, share = self._reduce(losses.reshape(target.shape))

        def back(dy):
            dl = np.broadcast_to(share(dy), target.shape).reshape(-1, 1)
            slope = (z > 0).astype(x.dtype) if self.p == 1 else 2 * z
            slope[rows, t] = -slope.sum(axis=1)
            slope *= factor[:, None]
            return (slope * dl).reshape(input.shape)

        return loss, back


class MultiLabelMarginLoss(_Loss):
    r"""Hinge loss of samples that have several right classes each.

    Forward: with $T$ the right classes of a sample,
    $l = \frac1C \sum_{t \in T} \sum_{j \notin T} \max(0, 1 - x_t + x_j)$.

    Backward: every term that is positive gives $\frac1C dl$ to its $x_j$, and takes it
    from its $x_t$; at the corner the slope is 0, and a NaN term counts as 0.

    A row of the target lists the right classes, and ends at its first -1. A class that
    is listed twice counts twice.

    Shape: input and target (N, C) or (C). Raises RuntimeError for shapes that differ,
    targets that are not int64, or outside [-1, C).
    """

    def forward(self, input, target):
        require_float_array("input", input)
        _require_rows(input)
        x = np.asarray(input).reshape(-1, input.shape[-1] if input.ndim else 1)
        N, C = x.shape
        _require_classes(target, -1, C)
        if target.shape != input.shape and (input.ndim or target.size != 1):
            raise RuntimeError(
                f"target: shape {target.shape} was given, {input.shape} is expected"
            )
        listed = target.reshape(N, C)
        counts = np.logical_and.accumulate(listed >= 0, axis=1)
        rows = np.arange(N)
        right = np.zeros((N, C), bool)
        right[np.nonzero(counts)[0], listed[counts]] = True
        losses, slope = np.zeros(N, x.dtype), np.zeros_like(x)
        for t, there in zip(listed.T, counts.T, strict=True):
            if not there.any():
                break
            t = np.where(there, t, 0)
            z = x - x[rows, t][:, None] + 1
            active = (z > 0) & ~right & there[:, None]
            losses += np.where(active, z, x.dtype.type(0)).sum(axis=1)
            slope += active
            slope[rows, t] -= active.sum(axis=1)
        losses /= C
        slope /= C
        loss, share = self._reduce(losses.reshape(input.shape[:-1]))

        def back(dy):
            dl = np.broadcast_to(share(dy), input.shape[:-1]).reshape(-1, 1)
            return (slope * dl).reshape(input.shape)

        return loss, back


class MultiLabelSoftMarginLoss(_WeightedLoss):
    r"""Binary cross-entropy of each class, averaged over the classes of a sample.

    Forward: $l = -\frac1C \sum_c w_c\,[t_c \log \sigma(x_c)
    + (1 - t_c) \log \sigma(-x_c)]$.

    Backward: with $(\log \sigma)' = 1 - \sigma$,
    $dx_c = \frac{w_c}{C}\,[(1 - t_c)\, \sigma(x_c) - t_c\, \sigma(-x_c)]\, dl$,
    which is $\frac{w_c}{C}\,(\sigma(x_c) - t_c)\, dl$.

    Shape: input and target (..., C), loss (...); `weight` broadcasts to them. Raises
    ValueError for shapes that differ, IndexError for an input without dimensions.
    """

    def forward(self, input, target):
        require_float_array("input", input)
        x, t, w = input, whole_as_float(target, input), self.weight
        require_pair(x, t)
        require_same_shape(x, t)
        require_weight("weight", w, x)
        if x.ndim == 0:
            raise IndexError("input: a dimension of classes was expected, got a number")
        C = x.shape[-1]
        each = -(t * log_sigmoid(x) + (1 - t) * log_sigmoid(-x))
        each = each if w is None else each * w
        with np.errstate(invalid="ignore"):  # no classes: 0 / 0
            loss, share = self._reduce(np.asarray(each.sum(axis=-1) / x.dtype.type(C)))

        def back(dy):
            with np.errstate(invalid="ignore", divide="ignore"):
                dl = np.asarray(share(dy))[..., None] / x.dtype.type(C)
            dl = dl if w is None else dl * w
            return dl * ((1 - t) * sigmoid(x)) - dl * (t * sigmoid(-x))

        return loss, back


def _require_rows(input):
    """Raise RuntimeError unless input is (N, C), (C) or a number, with C above 0."""
    if input.ndim > 2 or (input.ndim and input.shape[-1] == 0):
        raise RuntimeError(
            f"input: a row or rows of classes were expected, got shape {input.shape}"
        )


def _require_classes(target, lowest, count):
    """Raise RuntimeError unless target is of int64 in [lowest, count)."""
    if not isinstance(target, np.generic):
        require_array("target", target)
    if target.dtype != np.int64:
        raise RuntimeError(
            f"target: class indices of int64 were expected, got {target.dtype}"
        )
    if target.size and not lowest <= target.min() <= target.max() < count:
        raise RuntimeError(
            f"target: {target.min()} to {target.max()} is not in [{lowest}, {count})"
        )
