"""Dropouts."""

import numpy as np

from .spec import of, table

DROPOUTS = (
    "Dropout1d",
    "Dropout2d",
    "Dropout3d",
    "AlphaDropout",
    "FeatureAlphaDropout",
)


def _dropouts() -> dict:
    rows = {}
    for name in DROPOUTS:
        rows |= table(
            name,
            "p",
            {
                f"{value!r}": (lambda s, n=name, p=value: getattr(s.nn, n)(p))
                for value in (-0.1, 1.1, np.inf, "a", None, [0.5], 1j)
            },
        )
    rows |= table(
        "Dropout1d",
        "input",
        {f"{n} dimensions": of("Dropout1d")(np.ones((2,) * n)) for n in (0, 1, 4)},
    )
    few = {f"{n} dimensions": np.ones((2,) * n) for n in (0, 1)}
    for name in ("Dropout2d", "FeatureAlphaDropout"):
        rows |= table(name, "input", {k: of(name)(x) for k, x in few.items()})
    return rows


REFUSED = _dropouts()
