"""Cases for losses: robust regression, distributions, margins, embeddings."""

from itertools import product

from .losses import REDUCTIONS
from .spec import (
    C,
    Case,
    Classes,
    D,
    Exactly,
    K,
    N,
    Near,
    Real,
    Simplex,
    Size,
    Uniform,
)

INPUT = Real((N, D))
NEAR = Real((N, D), spread=2.0)  # around the corners, whatever scale is drawn
FIXED = Real((N, D), differentiable=False)
TARGET = Real((N, D), spread=1.0, differentiable=False)
SIGNS = Exactly((N, D), (-1.0, 1.0), differentiable=False)
TIES = Exactly((N, D), (-2.0, -1.0, 0.0, 0.5, 1.0, 2.0))
ZEROS = Exactly((N, D), (0.0,), differentiable=False)
COUNTS = Exactly((N, D), (0.0, 1.0, 2.0, 7.0), differentiable=False)
LOG_PROBABILITY = Uniform((N, D), -9.0, -0.01, differentiable=True)
LOG_TARGET = Uniform((N, D), -5.0, -0.1)
RATE = Uniform((N, D), 0.01, 9.0, differentiable=True)

# Without samples PyTorch's multi-margin loss is whatever stands in memory: here the
# batch has a name of its own, so that no test makes it empty.
ROWS = Size("rows")
SCORES = Real((ROWS, C), spread=2.0)

VECTORS = Real((N, K), spread=1.0)


def _reductions(options: dict, *inputs, more: tuple = ()) -> list[Case]:
    return [Case({**options, "reduction": r}, inputs) for r in (*REDUCTIONS, *more)]


def _at_ties(options: dict, *inputs) -> Case:
    words = [f"{name}={value}" for name, value in options.items()]
    return Case(options, inputs, label=", ".join([*words, "ties"]))


def _gaussian() -> list[Case]:
    cases = []
    for full, shape in product((False, True), ((N, D), (N, 1), (N,))):
        variance = Uniform(shape, 0.05, 4.0, differentiable=True)
        cases += _reductions({"full": full}, NEAR, TARGET, variance)
    narrow = Uniform((N, D), 0.0, 0.4, differentiable=True)
    return cases + _reductions({"eps": 0.2}, NEAR, TARGET, narrow)


def _multi_margin() -> list[Case]:
    cases, one = [], Classes((ROWS,), C)
    for p in (1, 2):
        cases += _reductions({"p": p}, SCORES, one)
        cases += _reductions({"p": p, "margin": 0.3}, SCORES, one)
        cases += _reductions({"p": p, "weight": Uniform((C,), 0.1, 2)}, SCORES, one)
        cases.append(Case({"p": p}, (Real((C,), spread=1.0), Classes((), C))))
        ties = Exactly((ROWS, C), (0.0, 1.0, 2.0))
        cases.append(_at_ties({"p": p}, ties, one))
    return cases


def _triplets() -> list[Case]:
    cases = []
    for p, swap in product((2.0, 1.0, 3.0, 1.5), (False, True)):
        options = {"p": p, "swap": swap}
        cases += _reductions(options, VECTORS, VECTORS, VECTORS)
    vector = Real((K,), spread=1.0)
    return [
        *cases,
        Case({"margin": 0.2, "eps": 0.01}, (VECTORS, VECTORS, VECTORS)),
        Case({"p": float("inf")}, (VECTORS, VECTORS, VECTORS)),
        Case({}, (vector, vector, vector)),
    ]


CASES = {
    "nn.HuberLoss": [
        *_reductions({}, INPUT, FIXED),
        *_reductions({"delta": 0.5}, NEAR, TARGET),
        *_reductions({"delta": 3.0}, NEAR, TARGET),
        _at_ties({}, TIES, ZEROS),
    ],
    "nn.SmoothL1Loss": [
        *_reductions({}, INPUT, FIXED),
        *_reductions({"beta": 0.5}, NEAR, TARGET),
        *_reductions({"beta": 3.0}, NEAR, TARGET),
        *_reductions({"beta": 0.0}, INPUT, Near(0, INPUT)),
        _at_ties({}, TIES, ZEROS),
        _at_ties({"beta": 0.0}, TIES, ZEROS),
    ],
    "nn.KLDivLoss": [
        *_reductions({}, LOG_PROBABILITY, Simplex((N, D)), more=("batchmean",)),
        *_reductions(
            {"log_target": True}, LOG_PROBABILITY, LOG_TARGET, more=("batchmean",)
        ),
        *_reductions({}, INPUT, COUNTS, more=("batchmean",)),
        Case({"reduction": "batchmean"}, (Real((D,)), Uniform((D,)))),
    ],
    "nn.PoissonNLLLoss": [
        case
        for full in (False, True)
        for case in (
            *_reductions({"full": full}, NEAR, COUNTS),
            *_reductions({"full": full, "log_input": False}, RATE, COUNTS),
            *_reductions(
                {"full": full, "log_input": False, "eps": 0.1}, RATE, Uniform((N, D))
            ),
        )
    ],
    "nn.GaussianNLLLoss": _gaussian(),
    "nn.SoftMarginLoss": [
        *_reductions({}, NEAR, SIGNS),
        *_reductions({}, Real((N, D), spread=20.0), SIGNS),
    ],
    "nn.HingeEmbeddingLoss": [
        *_reductions({}, Real((N, D), kinks=(1.0,)), SIGNS),
        *_reductions({"margin": 2.5}, Real((N, D), (2.5,), spread=2.0), SIGNS),
        _at_ties({}, TIES, SIGNS),
        _at_ties({}, TIES, Exactly((N, D), (-1.0, 0.0, 3.0), differentiable=False)),
    ],
    "nn.MultiMarginLoss": _multi_margin(),
    "nn.MultiLabelMarginLoss": [
        *_reductions({}, SCORES, Classes((ROWS, C), C, ignored=-1)),
        Case({}, (Real((C,), spread=1.0), Classes((C,), C, ignored=-1))),
        _at_ties(
            {}, Exactly((ROWS, C), (0.0, 1.0, 2.0)), Classes((ROWS, C), C, ignored=-1)
        ),
    ],
    "nn.MultiLabelSoftMarginLoss": [
        *_reductions({}, INPUT, Uniform((N, D))),
        *_reductions({"weight": Uniform((D,), 0.1, 2)}, NEAR, Uniform((N, D))),
    ],
    "nn.MarginRankingLoss": [
        *_reductions({}, INPUT, INPUT, SIGNS),
        *_reductions({"margin": 0.7}, NEAR, NEAR, SIGNS),
        _at_ties({}, TIES, TIES, SIGNS),
        _at_ties({"margin": 1.0}, TIES, TIES, SIGNS),
    ],
    "nn.CosineEmbeddingLoss": [
        *_reductions(
            {}, Real((N, K)), VECTORS, Exactly((N,), (-1.0, 1.0), differentiable=False)
        ),
        *_reductions(
            {"margin": -0.4},
            VECTORS,
            VECTORS,
            Exactly((N,), (-1.0, 1.0, 0.0), differentiable=False),
        ),
        Case(
            {},
            (
                Real((D,), spread=1.0),
                Real((D,), spread=1.0),
                Exactly((), (-1.0, 1.0), differentiable=False),
            ),
        ),
    ],
    "nn.TripletMarginLoss": _triplets(),
}
