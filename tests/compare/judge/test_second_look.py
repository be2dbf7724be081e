"""A difference at these very numbers: a mistake, a convention, or rounding?"""

import numpy as np
import torch

import twofold

X = np.random.default_rng(0).standard_normal((20, 5))


def test_one_input_on_a_kink_excuses_nothing():
    """Else: a slope that is wrong everywhere matches where one input is exactly 6."""
    x = X.copy()
    x[0, 0] = 6.0

    def relu6(factor):
        def f(x):
            inside = ((x > 0) & (x < 6)).astype(x.dtype)
            return np.clip(x, 0, 6), lambda dy: dy * inside * x.dtype.type(factor)

        return f

    assert twofold.check(relu6(1), torch.nn.ReLU6(), x).ok
    assert twofold.check(relu6(1.1), torch.nn.ReLU6(), x).cause == "mine: backward"


def test_another_choice_at_a_jump_is_a_convention():
    """Else: rounding half up matches, or is told as another function."""

    def half_up(x):
        return np.floor(x + x.dtype.type(0.5)), lambda dy: 0 * dy

    x = np.array([0.5, 1.5, 2.5, 1.2, 7.9])
    report = twofold.check(half_up, torch.round, x)
    assert (report.verdict, report.cause) == ("mismatch", "convention")
