"""Padding, transposed convolutions, and what moves or makes pixels."""

import numpy as np

from .spec import refusals

SEQUENCE, IMAGE = np.ones((2, 4, 8)), np.ones((2, 4, 8, 8))
VOLUME = np.ones((2, 4, 5, 5, 5))
BY_DIMENSION = {1: SEQUENCE, 2: IMAGE, 3: VOLUME}


def _paddings() -> dict:
    rows = {}
    kinds = {"ZeroPad": (), "ConstantPad": (1.5,)}
    kinds |= dict.fromkeys(("ReflectionPad", "ReplicationPad", "CircularPad"), ())
    for (kind, more), (dimensions, x) in (
        (k, d) for k in kinds.items() for d in BY_DIMENSION.items()
    ):
        name = f"{kind}{dimensions}d"

        def pad(x=x, name=name, padding=1, more=more):
            return lambda s: getattr(s.nn, name)(padding, *more)(s(x))

        wrong = [1.5, "a", (1,), (1.5, 1) * dimensions, (True, 1) * dimensions, -5]
        calls = {"padding": [{"padding": p} for p in wrong]}
        if kind == "ReflectionPad":
            calls["padding"] += [{"padding": x.shape[-1]}, {"x": x[..., :1]}]
        if kind == "CircularPad":
            calls["padding"] += [{"padding": x.shape[-1] + 1}, {"x": x[..., :0]}]
        if more:
            calls["value"] = [{"more": ("a",)}]
            calls["input"] = [{"x": np.ones(())}]
        elif kind != "ZeroPad":
            calls["input"] = [{"x": x[0, 0]}, {"x": x[None]}]
        else:
            calls["input"] = [{"x": np.ones(())}]
        if kind in ("ReflectionPad", "ReplicationPad"):
            calls["input"] += [{"x": x[..., :0]}, {"x": x[:, :0]}, {"x": x[0, :0]}]
        rows |= refusals(name, pad, calls)
    return rows


def _convolutions() -> dict:
    rows = {}
    for dimensions, x in BY_DIMENSION.items():
        name = f"ConvTranspose{dimensions}d"

        def transposed(x=x, name=name, channels=4, out=4, size=None, **options):
            options = {"kernel_size": 3} | options
            layer = (channels, out), options
            return lambda s: getattr(s.nn, name)(*layer[0], **layer[1])(s(x), size)

        calls = {
            "in_channels": [{"channels": 4.0}, {"channels": -4}, {"groups": 3}],
            "out_channels": [{"out": -1}, {"out": 5, "groups": 2}],
            "groups": [{"groups": 0}, {"groups": -1}],
            "kernel_size": [{"kernel_size": 3.0}, {"kernel_size": (3,) * 4}],
            "stride": [{"stride": 0}, {"stride": -1}, {"stride": (1,) * 4}],
            "padding": [{"padding": -1}, {"padding": "same"}, {"padding": (1,) * 4}],
            "dilation": [{"dilation": 0}],
            "output_padding": [
                {"output_padding": 1},
                {"output_padding": -1},
                {"output_padding": 1.0, "stride": 2},
                {"output_padding": 2, "stride": 2, "dilation": 2},
            ],
            "padding_mode": [{"padding_mode": "reflect"}, {"padding_mode": "same"}],
            "output_size": [
                {"size": 10},
                {"size": [x.shape[-1] + 2.0] * dimensions},
                {"size": [9] * dimensions},
                {"size": [11] * dimensions},
                {"size": [10] * (dimensions + 1)},
            ],
            "input": [
                {"padding": 6},
                {"x": x[:, :3]},
                {"x": x[0, 0]},
                {"x": x[None]},
                {"x": x[..., :0]},
                {"x": x.astype(int)},
                {"out": 0},
            ],
        }
        rows |= refusals(name, transposed, calls)

    def conv(x=VOLUME, kernel=3, **options):
        return lambda s: s.nn.Conv3d(4, 4, kernel, **options)(s(x))

    calls = {
        "kernel_size": [{"kernel": 3.0}, {"kernel": (3,) * 2}],
        "stride": [{"stride": 0}, {"stride": (1,) * 2}],
        "padding": [{"padding": 5, "padding_mode": "reflect"}, {"padding": "full"}],
        "input": [{"kernel": 6}, {"x": VOLUME[0, 0]}, {"x": VOLUME[:, :3]}],
    }
    return rows | refusals("Conv3d", conv, calls)


def _moved() -> dict:
    def unfold(x=IMAGE, kernel=2, **options):
        return lambda s: s.nn.Unfold(kernel, **options)(s(x))

    columns = np.ones((2, 12, 20))

    def fold(x=columns, size=(5, 6), kernel=2, **options):
        return lambda s: s.nn.Fold(size, kernel, **options)(s(x))

    options = {
        "kernel_size": [{"kernel": k} for k in (2.0, 0, (2,), (2,) * 3)],
        "dilation": [{"dilation": d} for d in (0, (1,))],
        "padding": [{"padding": p} for p in (-1, (1,), 1.5)],
        "stride": [{"stride": s} for s in (0, (1,) * 3)],
    }
    bad_images = [IMAGE[None], IMAGE[:, :0], IMAGE[0, :0], IMAGE[:, :, :0]]
    bad_images.append(IMAGE.astype(int))
    bad_columns = [columns[0, 0], columns[None], columns[:, :11], columns[..., :19]]
    bad_columns += [columns[:, :0], columns[..., :0]]
    rows = refusals(
        "Unfold",
        unfold,
        options | {"input": [{"kernel": 9}, *({"x": x} for x in bad_images)]},
    )
    rows |= refusals(
        "Fold",
        fold,
        options
        | {
            "output_size": [{"size": n} for n in ((5,), (5, 6, 7), (5.0, 6))],
            "input": [
                *({"x": x} for x in bad_columns),
                {"x": columns.astype(int)},
                {"kernel": 3},
                {"padding": 1},
                {"size": (5, 7)},
            ],
        },
    )
    for name, argument, fewer in (
        ("PixelShuffle", "upscale_factor", [IMAGE[0, 0], IMAGE[:, :3]]),
        ("PixelUnshuffle", "downscale_factor", [IMAGE[0, 0], IMAGE[..., :3]]),
        ("ChannelShuffle", "groups", [IMAGE[0, 0], IMAGE[:, :3]]),
    ):

        def moved(x=IMAGE, name=name, by=2):
            return lambda s: getattr(s.nn, name)(by)(s(x))

        calls = {argument: [{"by": by} for by in (0, -1, 2.0, "a", True)]}
        rows |= refusals(name, moved, calls | {"input": [{"x": x} for x in fewer]})

    def unflatten(x=SEQUENCE, dim=1, sizes=(2, 2)):
        return lambda s: s.nn.Unflatten(dim, sizes)(s(x))

    bad_sizes = [4, (2, 2.0), (2, 3), (-1, -1), (-1, 3), (-2, -2), (0, -1), ()]
    bad_sizes += [(("C", 2), ("H", 2)), (True, 4)]
    calls = {
        "dim": [{"dim": d} for d in (3, -4, 1.0, None, "N")],
        "unflattened_size": [{"sizes": sizes} for sizes in bad_sizes],
        "input": [{"x": np.ones(()), "dim": 0}],
    }
    return rows | refusals("Unflatten", unflatten, calls)


def _upsampling() -> dict:
    def upsample(x=SEQUENCE, **options):
        return lambda s: s.nn.Upsample(**options)(s(x))

    calls = {
        "size": [
            {},
            {"size": 4, "scale_factor": 2},
            {"scale_factor": 0},
            *({"size": n} for n in ((4, 4), 4.0, (4.0,), "a", True)),
        ],
        "scale_factor": [{"scale_factor": (2, 2)}, {"scale_factor": np.nan}],
        "align_corners": [
            {"size": 4, "align_corners": True},
            {"size": 4, "align_corners": False},
        ],
        "recompute_scale_factor": [{"size": 4, "recompute_scale_factor": True}],
        "mode": [{"size": 4, "mode": "cubic"}],
        "input": [
            *({"size": n} for n in (0, -1)),
            *({"scale_factor": f} for f in (-1, 0.1)),
            *({"size": 4, "mode": m} for m in ("bilinear", "bicubic", "trilinear")),
            *({"size": 4, "x": x} for x in (SEQUENCE[0], SEQUENCE[0, 0], VOLUME[None])),
            {"size": 4, "mode": "linear", "x": IMAGE},
            {"size": 4, "x": SEQUENCE[:, :0]},
            {"size": 4, "x": SEQUENCE[..., :0]},
            {"size": 4, "x": SEQUENCE.astype(int)},
        ],
    }
    rows = refusals("Upsample", upsample, calls)
    for name in "UpsamplingNearest2d", "UpsamplingBilinear2d":

        def two(x=IMAGE, name=name, size=4, factor=None):
            return lambda s: getattr(s.nn, name)(size, factor)(s(x))

        calls = {
            "size": [{"size": None}, {"factor": 2}, {"size": (4,)}],
            "input": [{"size": 0}, {"x": IMAGE[0, 0]}],
        }
        rows |= refusals(name, two, calls)
    return rows


REFUSED = _paddings() | _convolutions() | _moved() | _upsampling()
