"""Cases for whole networks and for training loops."""

from .spec import Case, Classes, D, N, Real

UNIT = 1.0  # inputs as a data set has them after standardisation

CASES = {
    "models.HalfSquaredError": [
        Case({}, (Real((N, D)), Real((N, D), differentiable=False))),
    ],
    "models.Standardizer": [
        Case(
            {"samples": Real((16, D), spread=UNIT)},
            (Real((N, D)),),
            build=lambda tree, samples: tree.models.Standardizer().fit(samples),
        ),
    ],
    "models.MLP": [
        Case({"sizes": (9, 16, 8, 4)}, (Real((N, 9), spread=UNIT),)),
        Case({"sizes": (5, 3)}, (Real((..., 5), spread=UNIT),)),
        Case(
            {"sizes": (9, 33, 17, 4), "dropout": 0.3},
            (Real((N, 9), spread=UNIT),),
            training=True,
        ),
    ],
    "training.full_batch": [
        Case({"epochs": 3}, (Real((N, 6), spread=UNIT), Classes((N,), 4))),
    ],
    "training.single_sample": [
        Case({"epochs": 2}, (Real((5, 6), spread=UNIT), Classes((5,), 4))),
    ],
    "training.mini_batch": [
        Case(
            {"epochs": 2, "batch_size": 4},
            (Real((n, 6), spread=UNIT), Classes((n,), 4)),
        )
        for n in (1, 8, 9)
    ],
    "training.batches": [
        Case({"n": n, "batch_size": size}, ())
        for n, size in ((1, 1), (7, 3), (8, 4), (D, 16))
    ],
}
