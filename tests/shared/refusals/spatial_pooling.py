"""Norms of single samples or neighbours; pooling of volumes, by a norm, and undone."""

import numpy as np

from .spec import refusals

SHAPES = {1: (2, 4, 8), 2: (2, 4, 8, 8), 3: (2, 4, 6, 6, 6)}
INPUTS = {d: np.ones(shape) for d, shape in SHAPES.items()}


def _pools() -> dict:
    """Pooling over windows of volumes."""
    rows, x = {}, INPUTS[3]
    for name in "MaxPool3d", "AvgPool3d":

        def pool(x=x, name=name, kernel=2, **options):
            return lambda s: getattr(s.nn, name)(kernel, **options)(s(x))

        calls = {
            "kernel_size": [{"kernel": k} for k in (2.0, 0, -1, (2,) * 2)],
            "stride": [{"stride": 0}, {"stride": -1}],
            "padding": [{"padding": -1}, {"padding": 2}],
            "input": [
                *({"kernel": 9}, {"x": x[..., :0]}, {"x": x[:, :0]}),
                *({"x": x[0, 0]}, {"x": x[None]}),
            ],
        }
        if name == "MaxPool3d":
            calls["dilation"] = [{"dilation": 0}, {"dilation": -1}]
        else:
            calls["divisor_override"] = [
                {"divisor_override": 0},
                {"divisor_override": 1.5},
            ]
        rows |= refusals(name, pool, calls)
    for name in "AdaptiveAvgPool3d", "AdaptiveMaxPool3d":

        def adaptive(x=x, name=name, size=2):
            return lambda s: getattr(s.nn, name)(size)(s(x))

        several = x[..., :0], x[:, :0], x[0, 0], x[None], x.astype(int)
        calls = {
            "output_size": [{"size": size} for size in (2.0, None, -1, (2,) * 2)],
            "input": [{"x": wrong} for wrong in several],
        }
        rows |= refusals(name, adaptive, calls)
    return rows


def _norm_pools() -> dict:
    rows = {}
    for d, x in INPUTS.items():

        def pool(x=x, name=f"LPPool{d}d", p=2, kernel=2, **options):
            return lambda s: getattr(s.nn, name)(p, kernel, **options)(s(x))

        calls = {
            "norm_type": [{"p": 0}, {"p": None}],
            "kernel_size": [
                {"kernel": k} for k in (2.0, 0, -1, (2,) * (d + 1) if d > 1 else "2")
            ],
            "stride": [{"stride": 0}, {"stride": -1}, {"stride": 1.5}],
            "input": [{"kernel": 9}, {"x": x[..., :0]}, {"x": x[:, :0]}],
        }
        if d != 2:  # where PyTorch looks for a dimension -3
            calls["input"].append({"x": x[0, 0]})
        rows |= refusals(f"LPPool{d}d", pool, calls)
    return rows


def _unpools() -> dict:
    rows = {}
    for d, x in INPUTS.items():

        def unpool(x=x, at=None, size=None, name=f"MaxUnpool{d}d", kernel=2, **options):
            at = np.zeros(x.shape, np.int64) if at is None else at
            inputs = (x, at)

            def call(s):
                more = () if size is None else (size,)
                return getattr(s.nn, name)(kernel, **options)(*map(s, inputs), *more)

            return call

        places = np.zeros(x.shape, np.int64)
        usual = [2 * n for n in x.shape[2:]]
        calls = {
            "kernel_size": [{"kernel": 2.5}, {"kernel": "2"}],
            "output_size": [
                *({"kernel": -99}, {"padding": 99, "kernel": 2}),
                *({"size": (usual[0] + 2,) * d}, {"size": (usual[0] - 2,) * d}),
                *({"size": [*usual, 1]}, {"size": 16}),
                {"size": [float(n) for n in usual]},
            ],
            "indices": [
                *({"at": places - 1}, {"at": places + 4 ** (2 * d)}),
                *({"at": places.astype(np.int32)}, {"at": places[..., :1]}),
            ],
            "input": [
                *({"x": x[:, :0]}, {"x": x[..., :0]}, {"x": x[0, 0]}),
                *({"x": x[None]}, {"x": x.astype(int)}),
            ],
        }
        if d == 3:
            calls["stride"] = [{"stride": 0}, {"stride": -1}]
        rows |= refusals(f"MaxUnpool{d}d", unpool, calls)
    return rows


def _fractional() -> dict:
    rows = {}
    for d in 2, 3:
        x = INPUTS[d]

        def pool(x=x, name=f"FractionalMaxPool{d}d", kernel=2, draws=None, **options):
            if not options:
                options["output_size"] = 3

            def call(s):
                given = {} if draws is None else {"_random_samples": s(draws)}
                return getattr(s.nn, name)(kernel, **options, **given)(s(x))

            return call

        draws = np.full((2, 4, d), 0.5)
        calls = {
            "kernel_size": [{"kernel": 2.0}, {"kernel": (2,) * (d + 1)}],
            "output_size": [
                *({"output_size": size} for size in (-1, 2.0, (3,) * (d + 1))),
                *({"output_size": None}, {"output_size": 3, "output_ratio": 0.5}),
            ],
            "output_ratio": [
                {"output_ratio": ratio} for ratio in (0, 1.0, (0.5, 2.0, 0.5)[:d], "a")
            ],
            "_random_samples": [
                {"draws": wrong}
                for wrong in (
                    *(draws[:1], draws[:, :2], draws[..., :1], draws[0]),
                    draws.astype(np.float16),
                )
            ],
            "input": [
                *({"output_size": 8}, {"x": x[:, :0]}, {"x": x[..., :0]}),
                {"x": x[None]},
            ],
        }
        if d == 3:
            calls["kernel_size"] += [{"kernel": 0}, {"kernel": (2, -1, 2)}]
            calls["input"].append({"output_size": 5})
        rows |= refusals(f"FractionalMaxPool{d}d", pool, calls)
    return rows


def _norms() -> dict:
    rows = {}
    x = INPUTS[3]
    rows |= refusals(
        "BatchNorm3d",
        lambda x=x, count=4, **options: (
            lambda s: s.nn.BatchNorm3d(count, **options)(s(x))
        ),
        {
            "num_features": [{"count": 4.0}, {"count": -4}],
            "eps": [{"eps": 0.0}, {"eps": -1.0}],
            "input": [{"count": 3}, {"x": x[0]}, {"x": x[:1, :, :1, :1, :1]}],
        },
    )
    for d, x in INPUTS.items():

        def norm(x=x, name=f"InstanceNorm{d}d", count=4, **options):
            return lambda s: getattr(s.nn, name)(count, **options)(s(x))

        calls = {
            "num_features": [{"count": n, "affine": True} for n in (4.0, -4)],
            "input": [
                *({"count": 3, "affine": True}, {"x": x[0, 0]}, {"x": x[None, None]}),
                {"x": x[(slice(None), slice(None), *[slice(1)] * d)]},
            ],
        }
        rows |= refusals(f"InstanceNorm{d}d", norm, calls)
    x = INPUTS[2]
    for name in "LocalResponseNorm", "CrossMapLRN2d":

        def response(x=x, name=name, size=3, **options):
            return lambda s: getattr(s.nn, name)(size, **options)(s(x))

        calls = {
            "alpha": [{"alpha": "1"}],
            "beta": [{"beta": "1"}],
            "k": [{"k": "1"}],
            "input": [{"x": x[0, 0]}],
        }
        if name == "LocalResponseNorm":
            calls["size"] = [{"size": 0}, {"size": -1}, {"size": 2.0}]
        rows |= refusals(name, response, calls)
    return rows


REFUSED = _pools() | _norm_pools() | _unpools() | _fractional() | _norms()
