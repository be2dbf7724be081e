"""Mistakes in losses of distributions, of margins and of robust regression."""

import numpy as np

from twofold.compare.concepts.selftest import Plant, patch
from twofold.scratch import nn

MINE = "mine: backward"


def _mean_for_batchmean():
    right = nn.KLDivLoss._reduce

    def reduce(self, losses, count=None, reduction=None):
        return right(self, losses, None, reduction)

    return patch(nn.KLDivLoss, "_reduce", reduce)


def _broken_at_beta():
    """0.5 e^2 up to beta and |e| - 0.5 beyond: a jump unless beta is 1."""

    def forward(self, input, target):
        error = input - target
        inside = np.abs(error) < self.beta
        half = error.dtype.type(0.5)
        losses = np.where(inside, half * error * error, np.abs(error) - half)
        loss, share = self._reduce(losses)
        return loss, lambda dy: np.where(inside, error, np.sign(error)) * share(dy)

    return patch(nn.SmoothL1Loss, "forward", forward)


def _division_by_beta_zero():
    """The slope e / beta of the parabola, 0 / 0, where the error is 0."""
    right = nn.SmoothL1Loss.forward

    def forward(self, input, target):
        loss, back = right(self, input, target)
        if self.beta:
            return loss, back
        equal = np.asarray(input == target)
        nan = input.dtype.type(np.nan)
        return loss, lambda dy: np.where(equal, nan, back(dy))

    return patch(nn.SmoothL1Loss, "forward", forward)


def _variance_without_gradient():
    right = nn.GaussianNLLLoss.forward

    def forward(self, input, target, var):
        loss, back = right(self, input, target, var)

        def wrong(dy):
            dx, dt, dvar = back(dy)
            return dx, dt, dvar * 0

        return loss, wrong

    return patch(nn.GaussianNLLLoss, "forward", forward)


def _clamp_in_the_graph():
    """A variance below eps gets no gradient."""
    right = nn.GaussianNLLLoss.forward

    def forward(self, input, target, var):
        loss, back = right(self, input, target, var)

        def wrong(dy):
            dx, dt, dvar = back(dy)
            return dx, dt, dvar * (var >= self.eps)

        return loss, wrong

    return patch(nn.GaussianNLLLoss, "forward", forward)


def _first_margin_only():
    """The right class pays for one violation, however many there are."""
    right = nn.MultiMarginLoss.forward

    def forward(self, input, target):
        loss, back = right(self, input, target)

        def wrong(dy):
            dx = back(dy)
            return np.maximum(dx, dx.min(axis=-1, keepdims=True) / 2)

        return loss, wrong

    return patch(nn.MultiMarginLoss, "forward", forward)


def _negative_forgotten():
    right = nn.TripletMarginLoss.forward

    def forward(self, anchor, positive, negative):
        loss, back = right(self, anchor, positive, negative)

        def wrong(dy):
            _, dp, dn = back(dy)
            return -dp, dp, dn

        return loss, wrong

    return patch(nn.TripletMarginLoss, "forward", forward)


PLANTS = [
    Plant(
        "KL divergence's mean for its batchmean",
        "pytorch PR#14457",
        ("nn.KLDivLoss",),
        _mean_for_batchmean,
        "output",
        "different functions",
    ),
    Plant(
        "smooth L1 that jumps at beta",
        "pytorch PR#17447, its first version",
        ("nn.SmoothL1Loss",),
        _broken_at_beta,
        "output",
        "different functions",
    ),
    Plant(
        "smooth L1 divided by a beta of zero",
        "pytorch#96813",
        ("nn.SmoothL1Loss",),
        _division_by_beta_zero,
        "grad of input",
    ),
    Plant(
        "no gradient for a predicted variance",
        "a prediction taken for a target",
        ("nn.GaussianNLLLoss",),
        _variance_without_gradient,
        "grad of var",
        MINE,
    ),
    Plant(
        "a clamped variance without gradient",
        "a convention",
        ("nn.GaussianNLLLoss",),
        _clamp_in_the_graph,
        "grad of var",
    ),
    Plant(
        "the right class's gradient counts one violation",
        "hinge losses of introductory courses",
        ("nn.MultiMarginLoss",),
        _first_margin_only,
        "grad of input",
        MINE,
    ),
    Plant(
        "the anchor's gradient without the negative",
        "a sum with one path only",
        ("nn.TripletMarginLoss",),
        _negative_forgotten,
        "grad of anchor",
        MINE,
    ),
]
