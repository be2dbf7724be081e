"""Mistakes in activations and in their gradients."""

import numpy as np
from scipy.special import erf

from twofold.compare.concepts.selftest import Plant, patch
from twofold.scratch import nn
from twofold.scratch.nn import gate, smooth

MINE = "mine: backward"


def _instead(cls, function):
    """`cls` computing `function(self, x)`, which returns (y, back)."""
    return patch(cls, "_function", function)


def _tanh_for_erf():
    return patch(gate.GELU, "_by_erf", gate.GELU._by_tanh)


def _scaled_without_root():
    """The argument of the error function without its division by sqrt(2)."""

    def wrong(self, x):
        gate_ = (0.5 * (1 + erf(x))).astype(x.dtype)
        density = np.exp(-x * x) / np.sqrt(np.pi)
        return x * gate_, lambda dy: dy * (gate_ + x * density.astype(x.dtype))

    return patch(gate.GELU, "_by_erf", wrong)


def _gate_taken_as_constant():
    right = nn.SiLU._function

    def wrong(self, x):
        y, _ = right(self, x)
        return y, lambda dy: dy * gate.sigmoid(x)

    return _instead(nn.SiLU, wrong)


def _side_by_the_output():
    """PReLU's sides told apart by the output, whose sign a negative slope turns."""
    right = nn.PReLU._function

    def wrong(self, x):
        y, back = right(self, x)
        _, by_output = right(self, np.where(y > 0, np.abs(x), -np.abs(x)))

        def wrong_back(dy):
            kept = self.weight.grad
            dx = by_output(dy)
            self.weight.grad = kept
            back(dy)
            return dx

        return y, wrong_back

    return _instead(nn.PReLU, wrong)


def _slopes_along_the_last_axis():
    """PReLU's slopes go with the last axis on the way back, where the sizes allow."""
    right = nn.PReLU._function

    def wrong(self, x):
        y, back = right(self, x)
        w = self.weight.data.astype(x.dtype)
        if len(w) != x.shape[-1]:
            return y, back

        def wrong_back(dy):
            back(dy)
            return dy * np.where(x > 0, x.dtype.type(1), w)

        return y, wrong_back

    return _instead(nn.PReLU, wrong)


def _swapped_halves():
    right = nn.GLU.forward

    def wrong(self, x):
        return right(self, np.concatenate(np.split(x, 2, self.dim)[::-1], self.dim))

    return patch(nn.GLU, "forward", wrong)


def _exchanged_gradients():
    right = nn.GLU.forward

    def wrong(self, x):
        y, back = right(self, x)
        return y, lambda dy: np.concatenate(
            np.split(back(dy), 2, self.dim)[::-1], self.dim
        )

    return patch(nn.GLU, "forward", wrong)


def _without_threshold():
    def wrong(self, x):
        e = np.exp(x * self.beta)
        y = np.log1p(e) / x.dtype.type(self.beta)
        return y, lambda dy: dy * smooth.sigmoid(x * self.beta)

    return _instead(nn.Softplus, wrong)


PLANTS = [
    Plant(
        "GELU by tanh where the error function is meant",
        "Megatron-Bridge PR#4661",
        ("nn.GELU",),
        _tanh_for_erf,
        "output",
        "different functions",
    ),
    Plant(
        "GELU's error function without the root of two",
        "a formula as introductory articles print it",
        ("nn.GELU",),
        _scaled_without_root,
        "output",
        "different functions",
    ),
    Plant(
        "a gate taken for a constant on the way back",
        "the product rule, half of it",
        ("nn.SiLU",),
        _gate_taken_as_constant,
        "grad of input",
        MINE,
    ),
    Plant(
        "PReLU's way back by the sign of its output",
        "mxnet PR#3277",
        ("nn.PReLU",),
        _side_by_the_output,
        "grad of input",
        MINE,
    ),
    Plant(
        "PReLU's slopes along the last axis on the way back",
        "FlagGems#4992",
        ("nn.PReLU",),
        _slopes_along_the_last_axis,
        "grad of input",
        MINE,
    ),
    Plant(
        "the gradients of a gated linear unit's halves exchanged",
        "unsloth#3314, as reported there",
        ("nn.GLU",),
        _exchanged_gradients,
        "grad of input",
        MINE,
    ),
    Plant(
        "the halves of a gated linear unit exchanged",
        "mlx-lm PR#767",
        ("nn.GLU",),
        _swapped_halves,
        "output",
        "different functions",
    ),
    Plant(
        "softplus without its linear part",
        "an exponential that overflows",
        ("nn.Softplus",),
        _without_threshold,
        "output",
    ),
]
