"""`twofold.check` on what cannot be compared as it is: said, and not a stack trace."""

import numpy as np
import pytest
import torch

import twofold
from twofold import scratch

RNG = np.random.default_rng(0)
X = RNG.standard_normal((8, 5))


def tanh(x):
    y = np.tanh(x)
    return y, lambda dy: dy * (1 - y * y)


class TanhTooMuch:
    """Returns a gradient for an input that there is not."""

    def forward(self, x):
        self.y = np.tanh(x)
        return self.y

    def backward(self, dy):
        return dy * (1 - self.y**2), dy


@pytest.mark.parametrize(
    ("mine", "first", "cause"),
    [
        (lambda x: (tanh(x)[0], lambda dy: dy[:3]), "grad of input", "mine: backward"),
        (lambda x: (tanh(x)[0], lambda dy: 3.0), "grad of input", "mine: backward"),
        (
            lambda x: (tanh(x)[0], lambda dy: (tanh(x)[1](dy), dy)),
            "grad of no input 0",
            "mine: backward",
        ),
        (TanhTooMuch(), "grad of no input 0", "mine: backward"),
        (
            lambda x: (tanh(x)[0][:3], lambda dy: dy * x),
            "output",
            "different functions",
        ),
        (lambda x: ((tanh(x)[0], x), lambda *dys: x), "output", "different functions"),
        (
            lambda x: (2 * tanh(x)[0], lambda dy: dy[:3]),
            "output",
            "different functions",
        ),
    ],
    ids=[
        *("a part of the gradient", "a number", "one too many"),
        *("one too many, of an object", "a part of the output", "two outputs"),
        "both wrong",
    ],
)
def test_shapes_and_numbers_of_tensors_are_differences_too(mine, first, cause):
    """Else: the arbiter, who cannot measure such a gradient, ends in a stack trace."""
    report = twofold.check(mine, torch.nn.Tanh(), X)
    assert (report.verdict, report.first, report.cause) == ("mismatch", first, cause)


def test_names_and_numbers_that_cannot_be_are_refused():
    """Else: parameters that do not meet are called different functions, and no draw at
    all is called a match.
    """
    mine = scratch.nn.Sequential(scratch.nn.Linear(4, 3))
    reference = torch.nn.Linear(4, 3)
    x = RNG.standard_normal((2, 4))
    with pytest.raises(ValueError, match=r"no parameter 'weight'.*'0.weight'"):
        twofold.check(mine, reference, x)
    with pytest.raises(ValueError, match="reference has no 'kernel'"):
        twofold.check(mine, reference, x, parameters={"0.weight": "kernel"})
    with pytest.raises(ValueError, match="draws"):
        twofold.check(tanh, torch.nn.Tanh(), X, draws=0)
    with pytest.raises(ValueError, match="dtype"):
        twofold.check(tanh, torch.nn.Tanh(), X, dtype=int)
    with pytest.raises(ValueError, match="dtype"):
        twofold.check(tanh, torch.nn.Tanh(), X, dtype=np.float64, float64=False)


def test_a_call_without_a_way_back_is_said():
    """Else: forgetting it ends in `too many values to unpack`."""
    with pytest.raises(TypeError, match=r"(?s)arrays: it returned ndarray; \(y, b"):
        twofold.check(np.tanh, torch.nn.Tanh(), X)
