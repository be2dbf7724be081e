"""Convolutions and pooling."""

import numpy as np

from .spec import refusals


def _windows() -> dict:
    """Convolutions and pooling."""
    rows, sequence, image = {}, np.ones((2, 4, 8)), np.ones((2, 4, 8, 8))
    for name, x in ("Conv1d", sequence), ("Conv2d", image):

        def conv(x=x, name=name, channels=4, out=4, kernel=3, **options):
            return lambda s: getattr(s.nn, name)(channels, out, kernel, **options)(s(x))

        calls = {
            "in_channels": [{"channels": 4.0}, {"channels": -4}],
            "out_channels": [{"out": 4.0}, {"out": -1}, {"out": 5, "groups": 2}],
            "groups": [{"groups": 0}, {"groups": -1}],
            "kernel_size": [{"kernel": 3.0}, {"kernel": -1}, {"kernel": (3,) * 3}],
            "stride": [{"stride": 0}, {"stride": -1}, {"stride": (1, 2, 1)}],
            "padding": [
                {"padding": -1},
                {"padding": "full"},
                {"padding": "same", "stride": 2},
                {"padding": 8, "padding_mode": "reflect"},
                {"padding": 9, "padding_mode": "circular"},
            ],
            "padding_mode": [{"padding_mode": "mirror"}, {"padding_mode": None}],
            "dilation": [{"dilation": 0}, {"dilation": -2}],
            "input": [
                {"kernel": 9},
                {"kernel": 5, "dilation": 2},
                {"x": x[:, :3]},
                {"x": x[0, 0]},
                {"x": x[None]},
                {"x": x[..., :0]},
                {"x": x.astype(int)},
            ],
        }
        rows |= refusals(name, conv, calls)
    for name, x in (
        *(("MaxPool1d", sequence), ("AvgPool1d", sequence)),
        *(("MaxPool2d", image), ("AvgPool2d", image)),
    ):

        def pool(x=x, name=name, kernel=2, **options):
            return lambda s: getattr(s.nn, name)(kernel, **options)(s(x))

        calls = {
            "kernel_size": [
                {"kernel": 2.0},
                {"kernel": 0},
                {"kernel": -1},
                {"kernel": (2,) * 3},
            ],
            "stride": [{"stride": 0}, {"stride": -1}],
            "padding": [{"padding": -1}, {"padding": 2}],
            "input": [{"kernel": 9}, {"x": x[..., :0]}, {"x": x[:, :0]}],
        }
        if name != "AvgPool2d":  # where PyTorch looks for a dimension -3
            calls["input"].append({"x": x[0, 0]})
        if name.startswith("Max"):
            calls["dilation"] = [{"dilation": 0}, {"dilation": -1}]
        rows |= refusals(name, pool, calls)
    rows |= refusals(
        "AvgPool2d",
        lambda value: lambda s: s.nn.AvgPool2d(2, divisor_override=value)(s(image)),
        {"divisor_override": [{"value": 0}, {"value": 1.5}]},
    )
    for name, x in (
        *(("AdaptiveAvgPool1d", sequence), ("AdaptiveMaxPool1d", sequence)),
        *(("AdaptiveAvgPool2d", image), ("AdaptiveMaxPool2d", image)),
    ):

        def adaptive(x=x, name=name, size=2):
            return lambda s: getattr(s.nn, name)(size)(s(x))

        calls = {
            "output_size": [{"size": size} for size in (2.0, None, -1, (2,) * 3)],
            "input": [{"x": x[..., :0]}, {"x": x[0, 0]}, {"x": x.astype(int)}],
        }
        if name.startswith("AdaptiveMax"):
            calls["input"].append({"x": x[:, :0]})
        rows |= refusals(name, adaptive, calls)
    return rows


REFUSED = _windows()
