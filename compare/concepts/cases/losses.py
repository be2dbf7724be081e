"""Cases for losses: every reduction with every option that meets it."""

from itertools import product

from .spec import Binary, C, Case, Classes, D, Exactly, N, Near, Real, Simplex, Uniform

REDUCTIONS = ("mean", "sum", "none")
INPUT = Real((N, D))
TIES = Exactly((N, D), (0.0, 1.0, 2.0))
LOGITS = Real((N, C))


def _reductions(options: dict, *inputs) -> list[Case]:
    return [Case({**options, "reduction": r}, inputs) for r in REDUCTIONS]


def _class_targets(of_logits: bool) -> list[Case]:
    """Index targets: weights, ignored samples, extra dimensions, label smoothing."""
    cases = []
    smoothings = (0.0, 0.2) if of_logits else (None,)
    for reduction, smoothing in product(REDUCTIONS, smoothings):
        options = {"reduction": reduction}
        if smoothing:
            options["label_smoothing"] = smoothing
        weight = {"weight": Uniform((C,), 0.1, 2)}
        ignore = {"ignore_index": 1}
        cases += [
            Case(options, (LOGITS, Classes((N,), C))),
            Case(options | weight, (LOGITS, Classes((N,), C))),
            Case(options | weight | ignore, (LOGITS, Classes((N,), C, ignored=1))),
            Case(options, (Real((N, C, 3, 2)), Classes((N, 3, 2), C, ignored=-100))),
            Case(options | weight, (Real((C,)), Classes((), C))),
        ]
    return cases


def _probability_targets() -> list[Case]:
    cases = []
    for reduction, smoothing in product(REDUCTIONS, (0.0, 0.1)):
        options = {"reduction": reduction, "label_smoothing": smoothing}
        weight = {"weight": Uniform((C,), 0.1, 2)}
        cases += [
            Case(options, (LOGITS, Simplex((N, C)))),
            Case(options | weight, (Real((N, C, 3)), Simplex((N, C, 3)))),
        ]
    return cases


PROBABILITY = Uniform((N, D), 0.001, 0.999, differentiable=True)

CASES = {
    "nn.MSELoss": _reductions({}, INPUT, Real((N, D), differentiable=False)),
    "nn.L1Loss": [
        *_reductions({}, INPUT, Near(0, INPUT)),
        Case(
            {}, (TIES, Exactly((N, D), (0.0, 1.0), differentiable=False)), label="ties"
        ),
    ],
    "nn.BCELoss": [
        *_reductions({}, PROBABILITY, Uniform((N, D))),
        *_reductions({}, PROBABILITY, Binary((N, D))),
        *_reductions({"weight": Uniform((D,), 0.1, 2)}, PROBABILITY, Binary((N, D))),
    ],
    "nn.BCEWithLogitsLoss": [
        *_reductions({}, INPUT, Uniform((N, D))),
        *_reductions({"pos_weight": Uniform((D,), 0.1, 5)}, INPUT, Binary((N, D))),
        *_reductions(
            {"weight": Uniform((N, 1), 0.1, 2), "pos_weight": Uniform((D,), 0.1, 5)},
            INPUT,
            Uniform((N, D)),
        ),
    ],
    "nn.NLLLoss": _class_targets(of_logits=False),
    "nn.CrossEntropyLoss": [*_class_targets(of_logits=True), *_probability_targets()],
}
