r"""Losses of embeddings: what belongs together shall be near, what does not, far.

All inputs but the target are predictions, and `back` returns a gradient for each. A
hinge $\max(0, z)$ has the slope 1 at its corner, as in PyTorch.
"""

import numpy as np

from .._arrays import (
    require_float_array,
    require_number,
    require_same_dtype,
    unbroadcast,
)
from ..bases.loss_inputs import require_fitting, whole_as_float
from .distance import PairwiseDistance, pairwise_distance
from .loss import _Loss

__all__ = [
    "CosineEmbeddingLoss",
    "MarginRankingLoss",
    "TripletMarginLoss",
    "TripletMarginWithDistanceLoss",
]


class _MarginLoss(_Loss):
    """With a margin of 0 unless one is given."""

    def __init__(self, margin=0.0, size_average=None, reduce=None, reduction="mean"):
        require_number("margin", margin)
        super().__init__(size_average, reduce, reduction)
        self.margin = margin


class MarginRankingLoss(_MarginLoss):
    r"""The first score shall lead the second by a margin, or the other way round.

    Forward: $l = \max(0, m - t\,(x_1 - x_2))$ with $m$ = `margin`; $t = 1$ says that
    the first should be higher, $t = -1$ that the second should.

    Backward: with $h = [m - t\,(x_1 - x_2) \ge 0]$, $dx_1 = -t h\, dl$ and
    $dx_2 = t h\, dl$.

    Shape: three alike, or such that they can be broadcast with as many dimensions.

    Raises: RuntimeError for other shapes, TypeError for a `margin` that is no number.
    """

    def forward(self, input1, input2, target):
        require_float_array("input1", input1)
        target = whole_as_float(target, input1)
        _require_alike(input1=input1, input2=input2, target=target)
        z = np.asarray(self.margin - target * (input1 - input2))
        loss, share = self._reduce(np.maximum(z, 0))

        def back(dy):
            dx = target * np.where(z >= 0, share(dy), z.dtype.type(0))
            return unbroadcast(-dx, input1.shape), unbroadcast(dx, input2.shape)

        return loss, back


class CosineEmbeddingLoss(_MarginLoss):
    r"""Turns like vectors into the same direction, unlike ones away from each other.

    Forward: with $c = \frac{x_1 \cdot x_2}{\sqrt{a b}}$, $a = |x_1|^2 + \epsilon$ and
    $b = |x_2|^2 + \epsilon$, $l = 1 - c$ for $t = 1$ and $l = \max(0, c - m)$ for
    $t = -1$, with $m$ = `margin`; any other target costs nothing.

    Backward: $\frac{\partial c}{\partial x_1} = \frac{x_2}{\sqrt{a b}} -
    \frac{x_1 \cdot x_2}{\sqrt{a b}} \frac{x_1}{a} = \frac{x_2}{\sqrt{a b}} -
    c\, \frac{x_1}{a}$, the part of $x_2$ across $x_1$, and likewise for $x_2$; times
    $-dl$ for $t = 1$, $dl\,[c \ge m]$ for $t = -1$.

    Shape: inputs (N, D), target (N), or inputs (D), target ().

    Raises: RuntimeError for other shapes, TypeError for a `margin` that is no number.
    """

    EPSILON = float(np.float32(1e-12))  # PyTorch's constant is a float, 4e-9 less

    def forward(self, input1, input2, target):
        require_float_array("input1", input1)
        x, y, target = input1, input2, whole_as_float(target, input1)
        for name, array in ("input1", x), ("input2", y), ("target", target):
            require_float_array(name, array)
            require_same_dtype(name, array, "input1", x)
        if target.ndim > 1:
            raise RuntimeError(
                f"target: no or one dimension was expected, got shape {target.shape}"
            )
        for name, array in ("input1", x), ("input2", y):
            if array.ndim != target.ndim + 1:
                raise RuntimeError(
                    f"{name}: {target.ndim + 1} dimensions were expected for a target "
                    f"of shape {target.shape}, got shape {array.shape}"
                )
        require_fitting(x, y, "input2")
        dot = np.asarray((x * y).sum(axis=-1))
        require_fitting(dot, target)
        a = np.asarray((x * x).sum(axis=-1)) + x.dtype.type(self.EPSILON)
        b = np.asarray((y * y).sum(axis=-1)) + x.dtype.type(self.EPSILON)
        root = np.asarray(np.sqrt(a * b))
        cosine = dot / root
        like, unlike = target == 1, target == -1
        zero = x.dtype.type(0)
        losses = np.where(like, 1 - cosine, zero)
        losses = losses + np.where(unlike, np.maximum(cosine - self.margin, zero), zero)
        loss, share = self._reduce(losses)

        def back(dy):
            dl = share(dy)
            dc = np.where(unlike & (cosine >= self.margin), dl, zero)
            dc = unbroadcast(np.asarray(dc - np.where(like, dl, zero)), dot.shape)

            def towards(one, other, square):
                across = (dc / root)[..., None] * other
                along = (dc * cosine / square)[..., None] * one
                return unbroadcast(across - along, one.shape)

            return towards(x, y, a), towards(y, x, b)

        return loss, back


class TripletMarginLoss(_Loss):
    r"""An anchor shall be nearer to a positive than to a negative, by a margin.

    Forward: $l = \max(0, m + d(a, p) - d(a, n))$ with $m$ = `margin` and the distance
    $d(u, v) = \left(\sum_i |u_i - v_i + \epsilon|^p\right)^{1/p}$. With `swap` the
    smaller of $d(a, n)$ and $d(p, n)$ stands in place of $d(a, n)$.

    Backward: with $e = u - v + \epsilon$,
    $\frac{\partial d}{\partial e_i} = \frac1p\, d^{1 - p}\, p\, |e_i|^{p - 1}
    \mathrm{sign}(e_i) = \mathrm{sign}(e_i)\,(|e_i| / d)^{p - 1}$, 0 where $e_i = 0$;
    for $p = \infty$ the largest $|e_i|$ get $\mathrm{sign}(e_i)$, in equal shares if
    there are several. It goes to $u$, and negated to $v$. Where both distances of
    `swap` are equal each gets half.

    Shape: three alike, (N, D) or (D), or such that they can be broadcast with as many
    dimensions. Source: Balntas et al., Learning shallow convolutional feature
    descriptors with triplet losses, 2016.

    Raises:
        ValueError: a `margin` that is not above 0.
        RuntimeError: shapes that do not fit.
        TypeError: `margin`, `p` or `eps` is not a number.
    """

    def __init__(
        self,
        margin=1.0,
        p=2.0,
        eps=1e-6,
        swap=False,
        size_average=None,
        reduce=None,
        reduction="mean",
    ):
        require_number("p", p)
        require_number("eps", eps)
        _require_margin(margin)
        super().__init__(size_average, reduce, reduction)
        self.margin = margin
        self.p = p
        self.eps = eps
        self.swap = swap

    def forward(self, anchor, positive, negative):
        def distance(u, v):
            return pairwise_distance(u, v, self.p, self.eps)

        return _triplets(self, distance, anchor, positive, negative)


class TripletMarginWithDistanceLoss(_Loss):
    r"""`TripletMarginLoss` with a distance of one's own.

    Forward: $l = \max(0, m + d(a, p) - d(a, n))$ with $m$ = `margin` and $d$ the
    `distance_function`. With `swap` the smaller of $d(a, n)$ and $d(p, n)$ stands in
    place of $d(a, n)$.

    Backward: with $h = [m + d(a, p) - d(a, n) \ge 0]$, $d(a, p)$ gets $h\, dl$ and
    $d(a, n)$ gets $-h\, dl$; each hands it on by its own way back, and $a$, which both
    depend on, has the sum. Where both distances of `swap` are equal each gets half.

    `distance_function(u, v)` is a function or module that returns (y, back), with one
    distance for each sample; `PairwiseDistance()` if none is given.

    Shape: three of as many dimensions, which the distance makes something of.

    Raises:
        ValueError: a `margin` that is not above 0.
        RuntimeError: numbers of dimensions that differ.
        TypeError: a `margin` that is not a number.
    """

    def __init__(
        self, *, distance_function=None, margin=1.0, swap=False, reduction="mean"
    ):
        _require_margin(margin)
        super().__init__(reduction=reduction)
        if distance_function is None:
            distance_function = PairwiseDistance()
        self.distance_function = distance_function
        self.margin = margin
        self.swap = swap

    def forward(self, anchor, positive, negative):
        return _triplets(self, self.distance_function, anchor, positive, negative)


def _triplets(loss, distance, a, p, n):
    """The loss of triplets, whatever the distance."""
    _require_alike(anchor=a, positive=p, negative=n)
    near, near_back = distance(a, p)
    far, far_back = distance(a, n)
    reach = far
    first = np.ones(far.shape, far.dtype)
    if loss.swap:
        swapped, swapped_back = distance(p, n)
        first = np.where(far == swapped, far.dtype.type(0.5), far < swapped)
        reach = np.minimum(far, swapped)
    z = np.asarray(loss.margin + near - reach)
    reduced, share = loss._reduce(np.maximum(z, 0))

    def back(dy):
        dz = np.asarray(np.where(z >= 0, share(dy), z.dtype.type(0)))
        dreach = unbroadcast(-dz, reach.shape)
        da, dp = near_back(unbroadcast(dz, near.shape))
        more, dn = far_back(unbroadcast(dreach * first, far.shape))
        da = da + more
        if loss.swap:
            dswapped = unbroadcast(dreach * (1 - first), swapped.shape)
            towards_p, towards_n = swapped_back(dswapped)
            dp, dn = dp + towards_p, dn + towards_n
        return da, dp, dn

    return reduced, back


def _require_margin(margin):
    require_number("margin", margin)
    if margin <= 0:
        raise ValueError(f"margin: a number above 0 was expected, got {margin}")


def _require_alike(**arrays):
    """Raise RuntimeError unless the dtypes and numbers of dimensions are the same."""
    (first, model), *others = arrays.items()
    require_float_array(first, model)
    for name, array in others:
        require_float_array(name, array)
        require_same_dtype(name, array, first, model)
        if array.ndim != model.ndim:
            raise RuntimeError(
                f"{name}: shape {array.shape} has not the number of dimensions of "
                f"{first}, {model.shape}"
            )
        require_fitting(model, array, name)
