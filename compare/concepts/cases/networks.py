"""Cases for whole networks and for training loops."""

from inspect import signature

from .spec import Case, Classes, D, N, Real

UNIT = 1.0  # inputs as a data set has them after standardisation


def _penalised(tree, **penalties):
    model = tree.models.MLP((4, 5, 3))
    return tree.models.Penalised(tree.nn.CrossEntropyLoss(), model, **penalties)


def _scheduled(tree):
    def loop(model, criterion, optimizer, *arrays, **options):
        return tree.training.scheduled(
            tree.training.mini_batch(model, criterion, optimizer, *arrays, **options),
            tree.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5),
        )

    loop.__signature__ = signature(tree.training.mini_batch)
    return loop


def _early_stopping(tree):
    def loop(model, criterion, optimizer, x, y, patience, **options):
        def validate():
            output = model(x[8:])
            if isinstance(output, tuple):  # scratch: the way back is not gone
                return float(criterion(output[0], y[8:])[0])
            return criterion(output, y[8:]).item()

        stopper = tree.training.EarlyStopping(model, validate, patience)
        return stopper.watch(
            tree.training.mini_batch(
                model, criterion, optimizer, x[:8], y[:8], **options
            )
        )

    loop.__signature__ = signature(tree.training.mini_batch)
    return loop


CASES = {
    "models.HalfSquaredError": [
        Case({}, (Real((N, D)), Real((N, D), differentiable=False))),
    ],
    "models.Standardizer": [
        Case(
            # Of halves the mean can be 0 but for one rounding.
            {"samples": Real((16, D), spread=UNIT, flavours=False)},
            (Real((N, D)),),
            build=lambda tree, samples: tree.models.Standardizer().fit(samples),
        ),
    ],
    "models.MLP": [
        Case({"sizes": (9, 16, 8, 4)}, (Real((N, 9), spread=UNIT),)),
        Case({"sizes": (5, 3)}, (Real((..., 5), spread=UNIT),)),
        Case({"sizes": (2, 8, 1), "activation": "Tanh"}, (Real((N, 2), spread=UNIT),)),
        Case(
            {"sizes": (9, 33, 17, 4), "dropout": 0.3},
            (Real((N, 9), spread=UNIT),),
            training=True,
        ),
    ],
    "models.BumpySurface": [
        Case({}, (Real((N, 2), spread=UNIT),)),
        Case(
            {"start": (-1.0, 0.5), "height": 1.0, "frequency": 6.0},
            (Real((N, 2), spread=UNIT),),
        ),
    ],
    "models.OneHotError": [
        Case({"classes": 4}, (Real((N, 4), spread=UNIT), Classes((N,), 4))),
    ],
    "models.Penalised": [
        Case(
            penalties,
            (Real((N, 3), spread=UNIT), Classes((N,), 3)),
            build=_penalised,
        )
        for penalties in ({"l1": 0.1}, {"l2": 0.1}, {"l1": 0.02, "l2": 0.5})
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
    ]
    + [
        Case(
            {"epochs": 2, "batch_size": 4, "max_norm": 0.1},
            (Real((9, 6), spread=UNIT), Classes((9,), 4)),
        )
    ],
    "training.accumulated": [
        Case(
            {"epochs": 2, "batch_size": 7, "parts": parts},
            (Real((n, 6), spread=UNIT), Classes((n,), 4)),
        )
        for n, parts in ((7, 1), (10, 3), (14, 2))
    ],
    "training.scheduled": [
        Case(
            {"epochs": 3, "batch_size": 4},
            (Real((9, 6), spread=UNIT), Classes((9,), 4)),
            label="halving the rate after every epoch",
            build=_scheduled,
        )
    ],
    "training.EarlyStopping": [
        Case(
            {"epochs": 8, "batch_size": 4, "patience": patience},
            (Real((12, 6), spread=UNIT), Classes((12,), 4)),
            label=f"patience {patience}, few samples held out",
            build=_early_stopping,
        )
        for patience in (1, 3)
    ],
    "training.batches": [
        Case({"n": n, "batch_size": size}, ())
        for n, size in ((1, 1), (7, 3), (8, 4), (D, 16))
    ],
}
