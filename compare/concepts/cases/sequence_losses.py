"""Cases for losses of sequences and of many classes."""

from dataclasses import dataclass

import numpy as np

from .losses import REDUCTIONS
from .spec import Case, Classes, Given, N, Real, Simplex, Size, Uniform, Value

BATCH = Size("batch", large=False)  # PyTorch refuses an empty one
CLASSES = Size("classes", minimum=3, large=False)
LONG = Size("steps", minimum=33)


@dataclass(frozen=True)
class LogSimplex(Value):
    """Logarithms of probabilities: a log-softmax of logits `spread` wide."""

    shape: tuple
    spread: float = 2.0
    differentiable: bool = True

    def draw(self, dice):
        x = self.spread * dice.rng.standard_normal(dice.shape(self.shape))
        return x - np.log(np.exp(x).sum(axis=-1, keepdims=True))


@dataclass(frozen=True)
class Labels(Classes):
    """Class indices of which none is 0, the blank."""

    def draw(self, dice):
        return 1 + dice.rng.integers(
            0, dice.size(self.count) - 1, dice.shape(self.shape)
        )


def _ints(*numbers):
    return Given(np.array(numbers))


def _ctc() -> list[Case]:
    probs, rows = LogSimplex((12, 3, CLASSES)), Labels((3, 5), CLASSES)
    steps, lengths = _ints(12, 9, 11), _ints(5, 3, 1)
    joined = Labels((9,), CLASSES)
    # Two labels that are the same need a blank between them.
    few = LogSimplex((12, 3, 2)), Labels((3, 5), 2)
    short = _ints(12, 9, 4)
    none = {"zero_infinity": True}
    return [
        Case({}, (probs, rows, steps, lengths)),
        Case({"reduction": "none"}, (probs, joined, steps, lengths), label="joined"),
        *(Case({"reduction": r}, (probs, rows, steps, lengths)) for r in REDUCTIONS),
        *(
            Case(none | {"reduction": r}, (*few, short, _ints(5, 3, 3)))
            for r in REDUCTIONS
        ),
        Case({"blank": 2}, (probs, Classes((3, 5), 2), steps, lengths)),
        Case({}, (*few, steps, lengths), label="one label again and again"),
        Case({"reduction": "sum"}, (probs, rows, steps, _ints(0, 3, 0))),
        Case(
            {}, (LogSimplex((12, CLASSES)), Labels((4,), CLASSES), _ints(12), _ints(4))
        ),
        Case(
            {},
            (
                LogSimplex((1, 3, CLASSES)),
                Labels((3, 1), CLASSES),
                _ints(1, 1, 1),
                _ints(1, 1, 0),
            ),
        ),
        Case(
            {},
            (
                LogSimplex((LONG, 4, CLASSES), 9.0),
                Labels((4, 7), CLASSES),
                Given((33,) * 4),
                Given((7, 5, 2, 7)),
            ),
        ),
    ]


def _linear_cross_entropy() -> list[Case]:
    sizes = {"in_features": 4, "num_classes": CLASSES}
    x, one = Real((N, 4), spread=1.0), Classes((N,), CLASSES)
    weight, biased = {"weight": Uniform((CLASSES,), 0.1, 2)}, {"bias": True}
    wide = sizes | {"out_features": (2, 3)}
    cases = []
    for reduction in REDUCTIONS:
        of = sizes | {"reduction": reduction}
        cases += [
            Case(of | biased, (x, one)),
            Case(of | weight | {"ignore_index": 1}, (x, Classes((N,), CLASSES, 1))),
            Case(of | weight | {"label_smoothing": 0.2}, (x, one)),
            Case(of | biased | weight, (x, Simplex((N, CLASSES)))),
            Case(
                wide | biased | {"reduction": reduction},
                (x, Classes((N, 2, 3), CLASSES)),
            ),
        ]
    return [*cases, Case(sizes, (Real((4,), spread=1.0), Classes((), CLASSES)))]


def _adaptive() -> list[Case]:
    sizes = {"in_features": 6, "n_classes": 11, "cutoffs": [3, 5], "div_value": 2.0}
    x, rare = Real((N, 6), spread=1.0), Classes((N,), 11)
    return [
        Case(sizes, (x, rare)),
        Case(sizes | {"head_bias": True, "cutoffs": [4]}, (x, rare)),
        Case(sizes | {"div_value": 4.0}, (x, Classes((N,), 3))),
        Case(sizes, (Real((6,), spread=1.0), Classes((), 11)), label="one sample"),
    ]


CASES = {
    "nn.AdaptiveLogSoftmaxWithLoss": _adaptive(),
    "nn.CTCLoss": _ctc(),
    "nn.LinearCrossEntropyLoss": _linear_cross_entropy(),
}
