"""Layers that normalise."""

import numpy as np

from .spec import refusals


def _norms() -> dict:
    """Layers that normalise."""
    rows, flat = {}, np.ones((3, 4))
    for name, x in ("BatchNorm1d", flat), ("BatchNorm2d", flat[..., None, None]):

        def batch_norm(x=x, name=name, count=4, **options):
            return lambda s: getattr(s.nn, name)(count, **options)(s(x))

        calls = {
            "num_features": [{"count": 4.0}, {"count": -4}],
            "eps": [{"eps": 0.0}, {"eps": -1.0}],
            "input": [{"x": x[:1]}, {"x": x[:, :3]}, {"x": x[:, 0]}, {"x": x[None]}],
        }
        if name == "BatchNorm1d":
            calls["input"][-1] = {"x": x[..., None, None]}
        rows |= refusals(name, batch_norm, calls)
    for name in "LayerNorm", "RMSNorm":

        def norm(x=flat, name=name, shape=4):
            return lambda s: getattr(s.nn, name)(shape)(s(x))

        calls = {
            "normalized_shape": [{"shape": 4.0}, {"shape": -4}, {"shape": (2, 4.0)}],
            "input": [{"shape": 3}, {"shape": (3, 3)}, {"shape": (1, 3, 4)}],
        }
        calls["input"] += [{"x": flat.astype(int)}, {"shape": ()}]
        rows |= refusals(name, norm, calls)
    rows |= refusals(
        "GroupNorm",
        lambda x=flat, groups=2, count=4: lambda s: s.nn.GroupNorm(groups, count)(s(x)),
        {
            "num_groups": [{"groups": 3}],
            "num_channels": [{"groups": 1, "count": "4"}],
            "input": [{"count": 2}, {"x": flat[0]}, {"x": flat[:1, :2], "count": 2}],
        },
    )
    return rows


REFUSED = _norms()
