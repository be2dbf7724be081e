r"""Losses: how far a prediction is from its target, as one number.

Every loss is a number $l_n$ for each element or sample, reduced: "none" returns them
all, "sum" returns $L = \sum_n l_n$, "mean" returns $L = \sum_n l_n / N$. Its way back
leads to the prediction; called without an argument it starts from $dL = 1$, if there is
one number to start from.
"""

import warnings

import numpy as np

from .._arrays import (
    require_float_array,
    require_int,
    require_number,
    require_same_dtype,
    unbroadcast,
)
from ..bases.loss_inputs import (
    chosen_classes,
    classes_last,
    require_class_weights,
    require_pair,
    require_same_shape,
    require_weight,
    sample_weights,
    warn_unless_same_shape,
)
from ..module import Module
from .activation import exponentials, log_softmax, sigmoid

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "CrossEntropyLoss",
    "L1Loss",
    "MSELoss",
    "NLLLoss",
]


class _Loss(Module):
    """What losses share: the reduction, and its way back."""

    def __init__(self, size_average=None, reduce=None, reduction="mean"):
        if size_average is not None or reduce is not None:
            mean = size_average is None or size_average
            reduced = reduce is None or reduce
            reduction = ("mean" if mean else "sum") if reduced else "none"
            warnings.warn(
                f"size_average and reduce are deprecated, as in PyTorch: use "
                f"reduction={reduction!r}",
                stacklevel=3,
            )
        self.reduction = reduction

    def _reduce(self, losses, count=None, reduction=None):
        """The reduced loss, and `share`: from its gradient to that of each `losses`.

        `count` is what a mean divides by, the number of losses unless it is given;
        `reduction` is the loss's own unless it is given.
        """
        reduction = self.reduction if reduction is None else reduction
        if reduction not in ("none", "mean", "sum"):
            raise ValueError(
                f"reduction: 'none', 'mean' or 'sum' was expected, got {reduction!r}"
            )
        if reduction == "none":
            loss, count = losses, 1
        else:
            # Half precision would overflow in the sum: it is taken in float32.
            wide = np.float32 if losses.dtype == np.float16 else losses.dtype
            loss = losses.sum(dtype=wide)
            if reduction == "mean":
                count = losses.size if count is None else count
                loss = loss / count if count else np.nan  # the mean of nothing
            else:
                count = 1
            loss = losses.dtype.type(loss)

        def share(dy):
            with np.errstate(invalid="ignore", divide="ignore"):
                return (dy / count).astype(losses.dtype)

        return loss, share


class _WeightedLoss(_Loss):
    def __init__(self, weight=None, size_average=None, reduce=None, reduction="mean"):
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)


class MSELoss(_Loss):
    r"""Mean squared error.

    Forward: $l_n = (x_n - t_n)^2$ with $x$ the input and $t$ the target.

    Backward: $dx_n = 2 (x_n - t_n)\, dl_n$, where $dl_n = dL / N$ for the mean.

    Shape: input and target alike. Shapes that differ are broadcast, with a warning.
    """

    def forward(self, input, target):
        require_pair(input, target)
        warn_unless_same_shape(input, target)
        error = input - target
        loss, share = self._reduce(error * error)

        def back(dy):
            return unbroadcast(2 * error * share(dy), input.shape)

        return loss, back


class L1Loss(_Loss):
    r"""Mean absolute error.

    Forward: $l_n = |x_n - t_n|$.

    Backward: $dx_n = \mathrm{sign}(x_n - t_n)\, dl_n$; at $x_n = t_n$ the slope is 0.

    Shape: input and target alike. Shapes that differ are broadcast, with a warning.
    """

    def forward(self, input, target):
        require_pair(input, target)
        warn_unless_same_shape(input, target)
        error = input - target
        loss, share = self._reduce(np.abs(error))

        def back(dy):
            sign = (error > 0).astype(error.dtype) - (error < 0)  # 0 for a NaN
            return unbroadcast(sign * share(dy), input.shape)

        return loss, back


class BCELoss(_WeightedLoss):
    r"""Binary cross-entropy of probabilities.

    Forward: $l_n = -w_n\,[t_n \log x_n + (1 - t_n) \log(1 - x_n)]$, where both
    logarithms stop at -100, so that a confident mistake costs 100 and not infinity.

    Backward: $\frac{\partial l}{\partial x} = -w\left[\frac{t}{x} -
    \frac{1 - t}{1 - x}\right] = w\, \frac{x - t}{x (1 - x)}$. As in PyTorch the
    denominator is kept above $10^{-12}$, and the slope does not know of the stop.

    Shape: input, target alike; `weight` broadcasts to them.

    Raises:
        ValueError: the shapes differ.
        RuntimeError: input or target outside [0, 1], dtypes that differ, or a `weight`
            that cannot be broadcast.
    """

    LOG_FLOOR = -100.0
    DENOMINATOR_FLOOR = float(np.float32(1e-12))  # PyTorch's constant is a float

    def forward(self, input, target):
        x, t, w = input, target, self.weight
        require_pair(x, t)
        require_same_shape(x, t)
        require_weight("weight", w, x)
        for name, values in ("input", x), ("target", t):
            if not ((values >= 0) & (values <= 1)).all():
                raise RuntimeError(f"{name}: all elements were expected in [0, 1]")
        with np.errstate(divide="ignore"):  # log 0, which the floor mends
            log_x = np.maximum(np.log(x), self.LOG_FLOOR)
            log_not_x = np.maximum(np.log1p(-x), self.LOG_FLOOR)
        losses = (t - 1) * log_not_x - t * log_x
        loss, share = self._reduce(losses if w is None else losses * w)

        def back(dy):
            slope = (x - t) / np.maximum(x * (1 - x), self.DENOMINATOR_FLOOR)
            return share(dy) * (slope if w is None else slope * w)

        return loss, back


class BCEWithLogitsLoss(_Loss):
    r"""Sigmoid and binary cross-entropy in one, stable for any logit.

    Forward: with $\log\sigma(x) = -\log(1 + e^{-x})$ and
    $\log(1 - \sigma(x)) = -x + \log\sigma(x)$,

    $l_n = -w_n\,[p\, t_n \log\sigma(x_n) + (1 - t_n) \log(1 - \sigma(x_n))]
    = w_n\,[(1 - t_n)\, x_n + (1 + (p - 1)\, t_n) \log(1 + e^{-x_n})]$,

    where $p$ is `pos_weight` and $\log(1 + e^{-x}) = \log(1 + e^{-|x|}) + \max(-x, 0)$
    never overflows.

    Backward: with $\frac{d}{dx}\log(1 + e^{-x}) = \sigma(x) - 1$,

    $dx_n = w_n\,[(1 - t_n) + (1 + (p - 1)\, t_n)(\sigma(x_n) - 1)]\, dl_n$; without
    `pos_weight` this is $w_n\,(\sigma(x_n) - t_n)\, dl_n$: prediction minus target.

    Shape: input, target alike; `weight` and `pos_weight` broadcast to them.

    Raises:
        ValueError: the shapes differ.
        RuntimeError: dtypes that differ, or a weight that cannot be broadcast.
    """

    def __init__(
        self,
        weight=None,
        size_average=None,
        reduce=None,
        reduction="mean",
        pos_weight=None,
    ):
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input, target):
        x, t, w, p = input, target, self.weight, self.pos_weight
        require_pair(x, t)
        require_same_shape(x, t)
        require_weight("weight", w, x)
        require_weight("pos_weight", p, x)
        log_factor = 1 if p is None else 1 + (p - 1) * t
        softplus = np.log1p(np.exp(-np.abs(x))) + np.maximum(-x, 0)
        losses = (1 - t) * x + log_factor * softplus
        loss, share = self._reduce(losses if w is None else losses * w)

        def back(dy):
            if p is None:
                slope = sigmoid(x) - t
            else:
                slope = (p * t + 1 - t) * sigmoid(x) - p * t
            return share(dy) * (slope if w is None else slope * w)

        return loss, back


class NLLLoss(_WeightedLoss):
    r"""Negative log-likelihood: minus the log-probability of the right class.

    Forward: $l_n = -w_{t_n}\, x_{n, t_n}$ with $x$ log-probabilities and $t$ class
    indices; 0 where $t_n$ is `ignore_index`. The mean divides by $\sum_n w_{t_n}$ over
    the samples that count, not by their number.

    Backward: $dx_{nc} = -w_c\, dl_n$ for $c = t_n$, else 0.

    Shape: input (C), (N, C) or (N, C, d1, ...), target () or (N) or (N, d1, ...).

    Raises:
        TypeError: an `ignore_index` that is no int.
        ValueError: batch sizes that differ, or an input without dimensions.
        RuntimeError: target not of integers (int64 or uint8), other shapes that differ,
            or a `weight` that has not C entries.
        IndexError: a target outside [0, C).
    """

    def __init__(
        self,
        weight=None,
        size_average=None,
        ignore_index=-100,
        reduce=None,
        reduction="mean",
    ):
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index

    def forward(self, input, target):
        require_float_array("input", input)
        if input.ndim == 0:
            raise ValueError("input: a dimension of classes was expected, got a number")
        log_p, to_input = classes_last(input)
        chosen, counts = chosen_classes(input, target, self.ignore_index)
        require_class_weights(self.weight, log_p)
        w = sample_weights(self.weight, chosen, counts, log_p.dtype)
        rows = np.arange(len(log_p))
        losses = np.where(counts, -w * log_p[rows, chosen], log_p.dtype.type(0))
        loss, share = self._reduce(losses.reshape(target.shape), w.sum())

        def back(dy):
            dlog_p = np.zeros_like(log_p)
            dl = np.broadcast_to(share(dy), target.shape).reshape(-1)
            with np.errstate(invalid="ignore"):
                dlog_p[rows, chosen] = np.where(counts, -w * dl, log_p.dtype.type(0))
            return to_input(dlog_p)

        return loss, back


class CrossEntropyLoss(_WeightedLoss):
    r"""Log-softmax and negative log-likelihood in one.

    Forward: with $\log p = \mathrm{LogSoftmax}(x)$ over the C classes,
    $l_n = -\sum_c q_{nc} \log p_{nc}$, where $q$ says how much each class counts. For
    class indices $t$ and label smoothing $\epsilon$,
    $q_{nc} = w_c\,((1 - \epsilon)[c = t_n] + \epsilon / C)$, and 0 where $t_n$ is
    `ignore_index`; for class probabilities $t$,
    $q_{nc} = w_c\,((1 - \epsilon)\, t_{nc} + \epsilon / C)$.

    The mean divides by $\sum_n w_{t_n}$ over the samples that count, for class
    probabilities by the number of samples.

    Backward: with $\partial \log p_c / \partial x_j = [c = j] - p_j$,
    $dx_{nj} = (p_{nj} \sum_c q_{nc} - q_{nj})\, dl_n$; with plain indices and no
    weights this is $p - \text{one-hot}(t)$: prediction minus target.

    Shape: input (C), (N, C) or (N, C, d1, ...); target () or (N) or (N, d1, ...) for
    indices, the shape of the input for probabilities.

    Raises: as `NLLLoss`, but IndexError for an input without dimensions; RuntimeError
    for a label smoothing outside [0, 1].
    """

    def __init__(
        self,
        weight=None,
        size_average=None,
        ignore_index=-100,
        reduce=None,
        reduction="mean",
        label_smoothing=0.0,
    ):
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing

    def forward(self, input, target):
        eps = self.label_smoothing
        require_number("label_smoothing", eps)
        if not 0 <= eps <= 1:
            raise RuntimeError(f"label_smoothing: expected in [0, 1], got {eps}")
        require_float_array("input", input)
        if isinstance(target, np.ndarray) and target.shape == input.shape:
            return self._of_probabilities(input, target)
        x, to_input = classes_last(input)
        require_class_weights(self.weight, x)
        chosen, counts = chosen_classes(input, target, self.ignore_index)
        w = sample_weights(self.weight, chosen, counts, x.dtype)
        shifted, e, total = exponentials(x, 1)
        log_total = np.log(total)
        rows, C = np.arange(len(x)), x.shape[1]
        losses = (eps - 1) * w * (shifted[rows, chosen] - log_total[:, 0])
        if eps:
            all_weights = np.ones(C, x.dtype) if self.weight is None else self.weight
            losses -= eps / C * ((shifted - log_total) @ all_weights)
        losses = np.where(counts, losses, x.dtype.type(0)).reshape(target.shape)
        loss, share = self._reduce(losses, w.sum())

        def back(dy):
            dl = np.broadcast_to(share(dy), target.shape).reshape(-1)
            with np.errstate(invalid="ignore"):
                hit = np.where(counts, (1 - eps) * w * dl, x.dtype.type(0))
                each = np.where(counts, eps / C * dl, x.dtype.type(0))
            if not eps:  # q has one entry in each row
                dx = e * (hit[:, None] / total)
                dx[rows, chosen] -= hit
            else:
                q_dl = np.multiply.outer(each, all_weights)
                q_dl[rows, chosen] += hit
                dx = e * (q_dl.sum(axis=1, keepdims=True) / total) - q_dl
            return to_input(dx)

        return loss, back

    def _of_probabilities(self, input, target):
        require_float_array("target", target)
        require_same_dtype("target", target, "input", input)
        x, to_input = classes_last(input)
        require_class_weights(self.weight, x)
        require_int("ignore_index", self.ignore_index)
        if self.ignore_index >= 0:
            raise RuntimeError("ignore_index: not supported for class probabilities")
        t, _ = classes_last(target)
        log_p = log_softmax(x, 1)
        eps, C = self.label_smoothing, x.shape[1]
        q = (1 - eps) * t + eps / C if eps else t
        q = q if self.weight is None else q * self.weight
        shape = input.shape[:1] + input.shape[2:] if input.ndim > 1 else ()
        loss, share = self._reduce(-(q * log_p).sum(axis=1).reshape(shape))

        def back(dy):
            dl = np.broadcast_to(share(dy), shape).reshape(-1, 1)
            return to_input((np.exp(log_p) * q.sum(axis=1, keepdims=True) - q) * dl)

        return loss, back
