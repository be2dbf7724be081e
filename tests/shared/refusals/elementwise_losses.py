"""Losses of numbers one by one."""

import numpy as np

from .spec import ONE, ROWS, of, table


def _elementwise_losses() -> dict:
    rows = {}
    for name in ("MSELoss", "L1Loss", "BCELoss", "BCEWithLogitsLoss"):
        loss = of(name)
        rows |= table(
            name,
            "reduction",
            {
                f"{r!r}": of(name, reduction=r)(ONE, ONE)
                for r in ("bogus", "Mean", "", None, 1)
            },
        )
        rows |= table(
            name,
            "target",
            {
                "missing": loss(ONE),
                "of another shape": loss(ONE, np.full(4, 0.5)),
                "turned": loss(ROWS, ROWS.T),
            },
        )
        rows[f"{name}: unknown option"] = (
            "bogus",
            lambda s, name=name: getattr(s.nn, name)(bogus=1),
        )
    for name in ("BCELoss", "BCEWithLogitsLoss"):
        rows |= table(
            name,
            "target",
            {
                "of a shape to broadcast": of(name)(ONE, np.full(1, 0.5)),
                "of another number of dimensions": of(name)(ROWS, ONE[:2]),
            },
        )
    rows |= table(
        "BCELoss",
        "target",
        {
            "above 1": of("BCELoss")(ONE, ONE + 1),
            "below 0": of("BCELoss")(ONE, ONE - 1),
            "NaN": of("BCELoss")(ONE, ONE * np.nan),
            "of integers": of("BCELoss")(ONE, np.array([0, 1, 1])),
            "of another dtype": lambda s: s.nn.BCELoss()(s(ONE), s(ONE, np.float64)),
        },
    )
    rows |= table(
        "BCELoss",
        "input",
        {
            "above 1": of("BCELoss")(ONE + 1, ONE),
            "below 0": of("BCELoss")(ONE - 1, ONE),
            "NaN": of("BCELoss")(ONE * np.nan, ONE),
        },
    )
    for name, option in (
        ("BCELoss", "weight"),
        ("BCEWithLogitsLoss", "weight"),
        ("BCEWithLogitsLoss", "pos_weight"),
    ):

        def with_weight(values, name=name, option=option):
            return lambda s: getattr(s.nn, name)(
                **{option: s(values) if isinstance(values, np.ndarray) else values}
            )(s(ONE), s(ONE))

        rows |= table(
            name,
            option,
            {
                "a list": with_weight([1.0, 2.0, 3.0]),
                "a number": with_weight(2.0),
                "a str": with_weight("a"),
                "of another shape": with_weight(np.ones(4)),
                "of more dimensions": with_weight(np.ones((2, 3))),
                "a column": with_weight(np.ones((3, 1))),
            },
        )
    return rows


REFUSED = _elementwise_losses()
