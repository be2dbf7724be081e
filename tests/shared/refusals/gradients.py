"""Upstream gradients that do not have the shape of the output."""

import numpy as np

from .spec import ROWS, table


def _gradients() -> dict:
    """Upstream gradients that do not have the shape of the output."""
    rows = {}
    modules = {
        "Identity": {},
        "Flatten": {"start_dim": 0},
        "Linear": {"in_features": 2, "out_features": 2},
        "ReLU": {},
        "LeakyReLU": {},
        "Sigmoid": {},
        "Tanh": {},
        "Softmax": {"dim": 0},
        "LogSoftmax": {"dim": 0},
        "Dropout": {},
        "Sequential": {},
    }
    for name, options in modules.items():
        rows |= table(
            name,
            "gradient",
            {
                f"of shape {shape}": lambda s, name=name, o=options, shape=shape: (
                    s.backward(
                        getattr(s.nn, name)(**o)(s.prediction(ROWS)), np.ones(shape)
                    )
                )
                for shape in ((2, 3), (3, 1), (1,), (7,), ())
            },
        )
    losses = dict.fromkeys(("MSELoss", "L1Loss", "BCELoss", "BCEWithLogitsLoss"), ROWS)
    losses |= dict.fromkeys(("NLLLoss", "CrossEntropyLoss"), np.array([0, 1, 1]))
    for name, target in losses.items():
        for reduction, shapes in (
            ("none", (None, (4,), (1,), (), (2, 3))),
            ("mean", ((3,), (1,), (3, 2))),
        ):
            rows |= table(
                name,
                "gradient",
                {
                    f"of shape {shape} for {reduction}": (
                        lambda s, name=name, r=reduction, t=target, shape=shape: (
                            s.backward(
                                getattr(s.nn, name)(reduction=r)(
                                    s.prediction(ROWS), s(t)
                                ),
                                None if shape is None else np.ones(shape),
                            )
                        )
                    )
                    for shape in shapes
                },
            )
    return rows


REFUSED = _gradients()
