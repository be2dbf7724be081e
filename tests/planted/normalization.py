"""Mistakes in layers that normalise."""

import numpy as np

from twofold.compare.concepts.selftest import Plant, patch
from twofold.scratch import nn
from twofold.scratch.nn import batchnorm, normalization

MINE = "mine: backward"
OTHER = "different functions"


def _rows(wrong):
    """Every norm over rows, its mean, variance and eps put together by `wrong`."""

    def standardise(X, eps, W=None, b=None, centred=True):
        width = X.shape[1]
        mean = X.mean(axis=1, keepdims=True) * centred
        variance = np.square(X - mean).mean(axis=1, keepdims=True)
        y, back = right(X, eps, None, None, centred)
        scale = wrong(variance, eps, width) * np.sqrt(variance + eps)
        w, shift = 1 if W is None else W, 0 if b is None else b

        def back_of_all(dY):
            dX, _, _ = back(dY * w * scale)
            return dX, (dY * y * scale).sum(axis=0), dY.sum(axis=0)

        return y * scale * w + shift, back_of_all

    right = normalization.standardise
    return patch(normalization, "standardise", standardise)


def _rows_back(wrong):
    """Every norm over rows with another input gradient: `wrong(dX, X, dY, W, eps)`."""
    right = normalization.standardise

    def standardise(X, eps, W=None, b=None, centred=True):
        Y, back = right(X, eps, W, b, centred)

        def back_of_rows(dY):
            dX, dW, db = back(dY)
            return wrong(dX, X, dY, 1 if W is None else W, eps), dW, db

        return Y, back_of_rows

    return patch(normalization, "standardise", standardise)


def _without_mean_term(dX, X, dY, W, eps):
    r = 1 / np.sqrt(X.var(axis=1, keepdims=True) + eps)
    return dX + r * (dY * W).mean(axis=1, keepdims=True)


def _bessel(variance, eps, n):
    return 1 / np.sqrt(variance * (n / max(n - 1, 1)) + eps)


def _tracked(wrong):
    """Running statistics moved by `wrong(mean, variance, n)`."""
    right = batchnorm.BatchNorm._track

    def track(self, mean, variance, n):
        right(self, *wrong(mean, variance, n))

    return patch(batchnorm.BatchNorm, "_track", track)


def _tracked_in_eval():
    right = nn.BatchNorm2d.forward

    def forward(self, x):
        y, back = right(self, x)
        if not self.training and self.track_running_stats:
            n = x.size // max(x.shape[1], 1)
            self._track(x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3)), n)
        return y, back

    return patch(nn.BatchNorm2d, "forward", forward)


def _other_share():
    """The momentum of other frameworks: how much of the old statistics is kept."""
    right = batchnorm.BatchNorm._track

    def track(self, mean, variance, n):
        momentum = self.momentum
        if momentum is not None:
            self.momentum = 1 - momentum
        right(self, mean, variance, n)
        self.momentum = momentum

    return patch(batchnorm.BatchNorm, "_track", track)


def _constants_in_training():
    """Mean and variance taken for constants: dx = r dy w."""
    right = nn.BatchNorm1d.forward

    def forward(self, x):
        y, back = right(self, x)

        def wrong(dy):
            back(dy)
            axes = tuple(i for i in range(x.ndim) if i != 1)
            shape = tuple(n if i == 1 else 1 for i, n in enumerate(x.shape))
            batch = self.training or self.running_var is None
            variance = x.var(axis=axes) if batch else self.running_var
            scale = 1 / np.sqrt(variance + self.eps)
            if self.weight is not None:
                scale = scale * self.weight.data
            return dy * scale.reshape(shape).astype(x.dtype)

        return y, wrong

    return patch(nn.BatchNorm1d, "forward", forward)


PLANTS = [
    Plant(
        "Bessel-corrected variance in a norm",
        "annotated-transformer PR#119",
        ("nn.LayerNorm",),
        lambda: _rows(_bessel),
        "output",
        OTHER,
    ),
    Plant(
        "epsilon outside the root of a norm",
        "BERT-pytorch#30",
        ("nn.LayerNorm",),
        lambda: _rows(lambda variance, eps, n: 1 / (np.sqrt(variance) + eps)),
        "output",
        OTHER,
    ),
    Plant(
        "the variance taken for its root",
        "TPlinker#37",
        ("nn.LayerNorm",),
        lambda: _rows(lambda variance, eps, n: 1 / (variance + eps)),
        "output",
        OTHER,
    ),
    Plant(
        "a gradient of zero behind layer norm",
        "tests with an upstream gradient of ones",
        ("nn.LayerNorm",),
        lambda: _rows_back(lambda dX, *others: dX * 0),
        "grad of input",
        MINE,
    ),
    Plant(
        "the mean term dropped from layer norm's backward",
        "invisible where the upstream gradient has mean 0",
        ("nn.LayerNorm",),
        lambda: _rows_back(_without_mean_term),
        "grad of input",
        MINE,
    ),
    Plant(
        "batch statistics taken for constants on the way back",
        "batch norm's backward when evaluating, used in training",
        ("nn.BatchNorm1d",),
        _constants_in_training,
        "grad of input",
        MINE,
    ),
    Plant(
        "a biased running variance",
        "the forward variance stored as it is",
        ("nn.BatchNorm2d",),
        lambda: _tracked(
            lambda mean, variance, n: (mean, variance * ((n - 1) / max(n, 1)), n)
        ),
        "buffer running_var",
    ),
    Plant(
        "running statistics updated when evaluating",
        "a missing test of self.training",
        ("nn.BatchNorm2d",),
        _tracked_in_eval,
        "buffer running_mean",
    ),
    Plant(
        "momentum as the share that is kept",
        "the convention of other frameworks",
        ("nn.BatchNorm2d",),
        _other_share,
        "buffer running_mean",
    ),
]
