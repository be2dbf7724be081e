"""Losses that compare distributions: negative log-likelihoods, and KL divergence."""

import math
import warnings

import numpy as np
from scipy.special import xlogy

from .._arrays import (
    require_array,
    require_float_array,
    require_number,
    require_same_dtype,
    unbroadcast,
)
from ..bases.loss_inputs import require_fitting, require_pair
from .loss import _Loss

__all__ = ["GaussianNLLLoss", "KLDivLoss", "PoissonNLLLoss"]


class KLDivLoss(_Loss):
    r"""Kullback-Leibler divergence of predicted log-probabilities from a target.

    Forward: $l = t\,(\log t - x)$ with $x$ the log-probability that is predicted, and 0
    for $t = 0$. With `log_target` the target is $\log t$, and $l = e^t (t - x)$.

    The divergence of one distribution from another is the *sum* of these over the
    classes: "batchmean" divides the sum by the number of samples, while "mean", which
    PyTorch warns of, divides by the number of all elements.

    Backward: $dx = -t\, dl$, with `log_target` $-e^t\, dl$.

    Shape: input and target alike, or such that one can be broadcast to the other.
    Source: Kullback and Leibler, On information and sufficiency, 1951.
    """

    def __init__(
        self, size_average=None, reduce=None, reduction="mean", log_target=False
    ):
        super().__init__(size_average, reduce, reduction)
        self.log_target = log_target

    def forward(self, input, target):
        require_pair(input, target)
        require_fitting(input, target)
        if self.reduction == "mean":
            warnings.warn(
                "reduction: 'mean' divides by the number of elements, 'batchmean' by "
                "that of samples, which gives the divergence",
                stacklevel=3,
            )
        if self.log_target:
            p = np.exp(target)
            losses = p * (target - input)
        else:
            p = target
            losses = xlogy(p, p).astype(input.dtype, copy=False) - p * input
        if self.reduction == "batchmean":
            samples = len(input) if input.ndim else 1
            loss, share = self._reduce(losses, samples, "mean")
        else:
            loss, share = self._reduce(losses)

        def back(dy):
            dx = np.broadcast_to(-p * share(dy), losses.shape)
            return unbroadcast(dx, input.shape)

        return loss, back


class PoissonNLLLoss(_Loss):
    r"""Negative log-likelihood of counts under Poisson distributions.

    Forward: the likelihood of the count $t$ at the rate $\lambda$ is
    $\lambda^t e^{-\lambda} / t!$, so $l = \lambda - t \log \lambda$ and a term of $t$
    alone. The input is $x = \log \lambda$, hence $l = e^x - t x$; without `log_input`
    it is $\lambda$, and $l = x - t \log(x + \epsilon)$.

    `full` adds Stirling's approximation of $\log t!$ where $t > 1$:
    $t \log t - t + \frac12 \log(2 \pi t)$.

    Backward: $dx = (e^x - t)\, dl$, without `log_input`
    $dx = (1 - \frac{t}{x + \epsilon})\, dl$.

    Shape: input and target alike, or such that one can be broadcast to the other.
    Raises TypeError for an `eps` that is no number.
    """

    def __init__(
        self,
        log_input=True,
        full=False,
        size_average=None,
        eps=1e-8,
        reduce=None,
        reduction="mean",
    ):
        require_number("eps", eps)
        super().__init__(size_average, reduce, reduction)
        self.log_input = log_input
        self.full = full
        self.eps = eps

    def forward(self, log_input, target):
        x, t = log_input, target
        require_pair(x, t)
        require_fitting(x, t)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            if self.log_input:
                rate = np.exp(x)
                losses, slopes = rate - t * x, (rate, t)
            else:
                losses = x - t * np.log(x + self.eps)
                slopes = np.ones_like(x), t / (x + self.eps)
            if self.full:
                stirling = t * np.log(t) - t + 0.5 * np.log(2 * math.pi * t)
                losses = losses + np.where(t <= 1, t.dtype.type(0), stirling)
        loss, share = self._reduce(losses)

        def back(dy):
            dl, (up, down) = share(dy), slopes
            return unbroadcast(np.asarray(dl * up - dl * down), x.shape)

        return loss, back


class GaussianNLLLoss(_Loss):
    r"""Negative log-likelihood of numbers under normal distributions.

    Forward: minus the logarithm of $\frac{1}{\sqrt{2 \pi v}} e^{-(x - t)^2 / 2 v}$ is
    $l = \frac12 \left(\log v + \frac{(x - t)^2}{v}\right)$ and, with `full`,
    $\frac12 \log 2 \pi$. The mean $x$ and the variance are both predictions; the
    variance is kept from below at $\epsilon$, $v = \max(\text{var}, \epsilon)$.

    Backward: $dx = \frac{x - t}{v}\, dl$ and
    $dv = \frac12 \left(\frac1v - \frac{(x - t)^2}{v^2}\right) dl$. The slope does not
    know of the bound, as in PyTorch: a variance below $\epsilon$ gets the gradient at
    $\epsilon$. `back` returns (dinput, None, dvar), None standing for the target.

    Shape: input, target alike or broadcast; `var` that of the input, or with 1 in place
    of one size, or without the last dimension: one variance for several means. A float
    is one for all.

    Source: Nix and Weigend, Estimating the mean and variance of the target probability
    distribution, 1994.

    Raises:
        ValueError: a negative variance, or a `var` of another shape.
        TypeError: a `var` that is neither an array nor a float.
    """

    def __init__(self, *, full=False, eps=1e-6, reduction="mean"):
        require_number("eps", eps)
        super().__init__(None, None, reduction)
        self.full = full
        self.eps = eps

    def forward(self, input, target, var):
        require_pair(input, target)
        require_fitting(input, target)
        given = self._variance(input, var)
        v = np.maximum(given, input.dtype.type(self.eps))
        error = input - target
        ratio = error * error / v
        losses = 0.5 * (np.log(v) + ratio)
        if self.full:
            losses = losses + 0.5 * math.log(2 * math.pi)
        loss, share = self._reduce(losses)

        def back(dy):
            dl = share(dy)
            dx = unbroadcast(np.asarray(error / v * dl), input.shape)
            if isinstance(var, float):
                return dx, None, None
            dv = unbroadcast(0.5 * (dl / v - dl * (ratio / v)), given.shape)
            return dx, None, dv.reshape(var.shape)

        return loss, back

    def _variance(self, input, var):
        """`var`, checked, in a shape that can be broadcast to the input's."""
        if isinstance(var, float):
            negative, given = var < 0, np.full(input.shape, var, input.dtype)
        else:
            require_array("var", var)
            require_float_array("var", var)
            require_same_dtype("var", var, "input", input)
            negative, given = (var < 0).any(), var
        if negative:
            raise ValueError("var: a variance was expected, got a negative number")
        if given.shape == input.shape:
            return given
        if given.shape == input.shape[:-1]:
            return given[..., None]
        other = [v for x, v in zip(input.shape, given.shape, strict=False) if x != v]
        if given.ndim != input.ndim or other != [1]:
            raise ValueError(
                f"var: shape {given.shape} does not go with an input of shape "
                f"{input.shape}"
            )
        return given
