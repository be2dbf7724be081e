"""Cases for padding, transposed convolutions, and what moves or makes pixels."""

from .spec import Case, Given, K, N, Real, Size

B = Size("N", large=False)
L = Size("L", minimum=7, large=False)
# Never 0: PyTorch's pixel shuffle has no way back for it, torch_defects/test_empty.py.
M = Size("M", large=False)

# Before and after each dimension, the last one first; the negative ones take away.
_PADS = [2, (1, 3), (0, 2), (-1, 2), (2, -1), (-2, -1)]
_PADS_2D = [1, (1, 2, 3, 0), (-1, 2, 1, -2)]
_PADS_3D = [1, (1, 2, 0, 3, 2, 1), (-1, 2, 1, -2, -1, -1)]

# Options of transposed convolutions from 4 to 6 channels.
_TRANSPOSED = [
    {"kernel_size": 3},
    {"kernel_size": 3, "padding": 1, "bias": False},
    {"kernel_size": 2, "stride": 2},
    {"kernel_size": 3, "stride": 2, "padding": 1, "output_padding": 1},
    {"kernel_size": 2, "stride": 3, "output_padding": 2},
    {"kernel_size": 3, "dilation": 2, "padding": 3},
    {"kernel_size": 2, "dilation": 3, "output_padding": 2},
    {"kernel_size": 3, "stride": 2, "dilation": 2, "output_padding": 1},
    {"kernel_size": 1},
    {"kernel_size": 1, "stride": 2},
    {"kernel_size": 3, "groups": 2},
    {"kernel_size": 4, "stride": 2, "padding": 1, "groups": 2},
]
# Both times the first dimension differs from the others.
_UNEQUAL_2D = {"kernel_size": (2, 3), "stride": (3, 1), "padding": (0, 2)}
_UNEQUAL_3D = {"kernel_size": (1, 3, 2), "stride": (2, 1, 1), "padding": (0, 1, 1)}


def _pads(**options) -> tuple[list[Case], ...]:
    """Cases of padding along one, two and three dimensions."""
    one = [Case({"padding": p, **options}, (Real((B, 3, L)),)) for p in _PADS]
    two = [Case({"padding": p, **options}, (Real((B, 2, 5, L)),)) for p in _PADS_2D]
    three = [
        Case({"padding": p, **options}, (Real((B, 2, 4, 5, 5)),)) for p in _PADS_3D
    ]
    one.append(Case({"padding": 3, **options}, (Real((3, L)),), label="no batch"))
    two.append(Case({"padding": 3, **options}, (Real((3, 5, L)),), label="no batch"))
    three.append(
        Case({"padding": 2, **options}, (Real((2, 3, 4, 5)),), label="no batch")
    )
    return one, two, three


def _padding() -> dict:
    kinds = {
        "ZeroPad": {},
        "ConstantPad": {"value": -1.5},
        "ReflectionPad": {},
        "ReplicationPad": {},
        "CircularPad": {},
    }
    return {
        f"nn.{kind}{dimensions}d": cases
        for kind, options in kinds.items()
        for dimensions, cases in enumerate(_pads(**options), start=1)
    }


def _channels(channels, out_channels, **options) -> dict:
    return {"in_channels": channels, "out_channels": out_channels, **options}


def _transposed() -> dict:
    depthwise = _channels(6, 6, kernel_size=3, padding=1, groups=6)
    sized = {"kernel_size": 3, "stride": 3, "padding": 1}
    # The bias's gradient is a running sum in PyTorch: see compare/cases/convolution.py.
    many = {"kernel_size": 3, "bias": False}
    one = [Case(_channels(4, 6, **o), (Real((2, 4, L)),)) for o in _TRANSPOSED]
    two = [
        Case(_channels(4, 2, **o), (Real((2, 4, 5, 4)),))
        for o in (*_TRANSPOSED, _UNEQUAL_2D)
    ]
    three = [
        Case(_channels(2, 4, **o), (Real((1, 2, 3, 4, 3)),))
        for o in (*_TRANSPOSED, _UNEQUAL_3D)
    ]
    one += [
        Case(_channels(4, 3, **many), (Real((N, 4, 9)),)),
        Case(depthwise, (Real((2, 6, 9)),)),
        Case(_channels(2, 3, **sized), (Real((3, 2, 4)), Given([12]))),
        Case(_channels(2, 3, kernel_size=3), (Real((2, L)),), label="no batch"),
    ]
    two += [
        Case(_channels(3, 2, **many), (Real((B, 3, 5, 7)),)),
        Case(depthwise, (Real((2, 6, 7, 6)),)),
        Case(_channels(2, 3, **sized), (Real((1, 2, 4, 5)), Given((11, 13)))),
        Case(_channels(2, 3, kernel_size=3), (Real((2, L, 7)),), label="no batch"),
    ]
    three += [
        Case(depthwise, (Real((2, 6, 3, 4, 3)),)),
        Case(_channels(2, 3, kernel_size=2), (Real((2, 3, 4, 3)),), label="no batch"),
    ]
    return {
        "nn.ConvTranspose1d": one,
        "nn.ConvTranspose2d": two,
        "nn.ConvTranspose3d": three,
    }


_FOLDS = [
    {"kernel_size": 2},
    {"kernel_size": 3, "padding": 1},
    {"kernel_size": 2, "stride": 2},
    {"kernel_size": 2, "dilation": 2, "padding": 2, "stride": 3},
    {"kernel_size": (3, 2), "dilation": (1, 2), "padding": (0, 1), "stride": (2, 1)},
]
_FOLDED = [20, 30, 6, 9, 12]  # how many windows these have in an image of (5, 6)


def _folds() -> dict:
    unfold = [Case(o, (Real((B, 2, 5, L)),)) for o in _FOLDS]
    fold = [
        Case({"output_size": (5, 6), **o}, (Real((B, 3 * area, count)),))
        for o, area, count in zip(_FOLDS, (4, 9, 4, 4, 6), _FOLDED, strict=True)
    ]
    unfold.append(Case({"kernel_size": 2}, (Real((2, 5, L)),), label="no batch"))
    fold += [
        Case({"output_size": 4, "kernel_size": 2}, (Real((B, 4, 9)),)),
        Case({"output_size": 4, "kernel_size": 2}, (Real((8, 9)),), label="no batch"),
    ]
    return {"nn.Unfold": unfold, "nn.Fold": fold}


def _moves() -> dict:
    """What moves numbers to other places."""
    return {
        "nn.PixelShuffle": [
            Case({"upscale_factor": 2}, (Real((M, 8, 3, K)),)),
            Case({"upscale_factor": 3}, (Real((9, K, 2)),)),
            Case({"upscale_factor": 1}, (Real((M, 2, 2, 3, 2)),)),
        ],
        "nn.PixelUnshuffle": [
            Case({"downscale_factor": 2}, (Real((M, K, 4, 6)),)),
            Case({"downscale_factor": 3}, (Real((K, 3, 6)),)),
            Case({"downscale_factor": 1}, (Real((M, 2, 2, 3, 2)),)),
        ],
        "nn.ChannelShuffle": [
            Case({"groups": 2}, (Real((N, 6, K)),)),
            Case({"groups": 3}, (Real((B, 6, 3, K)),)),
            Case({"groups": 1}, (Real((B, 3, 2)),)),
            Case({"groups": 4}, (Real((B, 4, 2, 2, K)),)),
        ],
        "nn.Unflatten": [
            Case({"dim": 1, "unflattened_size": (2, 3)}, (Real((N, 6)),)),
            Case({"dim": -2, "unflattened_size": (3, -1, 1)}, (Real((N, 6, K)),)),
            Case({"dim": 0, "unflattened_size": [2, 2]}, (Real((4, K)),)),
        ],
    }


# Sizes and factors, up and down, whole or not. PyTorch's ways back of "nearest" and
# "bicubic" are not those of its outputs for a factor that is not 1 (or not 2) but makes
# as many (or twice as many) numbers: see torch_defects/test_upsampling.py.
_NEAREST = [
    {"scale_factor": 2},
    {"size": 11},
    {"size": 3},
    {"scale_factor": 1.5},
    {"scale_factor": 0.6},
    {"scale_factor": 2.7, "recompute_scale_factor": True},
]
_LINEAR = [
    *_NEAREST,
    {"scale_factor": 2, "align_corners": True},
    {"size": 10, "align_corners": True},
    {"size": 1, "align_corners": True},
    {"scale_factor": 1.05},
]
_UNEQUAL = [{"size": (9, 4)}, {"scale_factor": (1.5, 0.7)}]


def _upsampling() -> dict:
    line, image, volume = (
        (Real((B, 2, L)),),
        (Real((B, 2, 6, 7)),),
        (Real((2, 2, 3, 4, 5)),),
    )
    modes = {
        "linear": (_LINEAR, line),
        "bilinear": (_LINEAR + _UNEQUAL, image),
        "bicubic": (_LINEAR[:-1] + _UNEQUAL, image),
        "trilinear": (_LINEAR, volume),
    }
    return {
        "nn.Upsample": [
            *(Case({"mode": "linear", **o}, line) for o in _LINEAR[:1]),
            *(Case(o, x) for x in (line, image, volume) for o in _NEAREST),
            *(Case({"mode": "nearest-exact", **o}, image) for o in _NEAREST),
            *(
                Case({"mode": m, **o}, x)
                for m, (some, x) in modes.items()
                for o in some
            ),
            Case({"scale_factor": (2.1, 1.1)}, image),
            Case({"scale_factor": 2.1, "mode": "nearest-exact"}, image),
            Case({"size": 300, "mode": "linear"}, (Real((2, 2, 140)),)),
            Case({"size": 128}, (Real((2, 2, 300)),)),
        ],
        "nn.UpsamplingNearest2d": [
            Case(o, image) for o in ({"scale_factor": 2}, {"size": 9}, *_UNEQUAL)
        ],
        "nn.UpsamplingBilinear2d": [
            Case(o, image) for o in ({"scale_factor": 3}, {"size": 9}, *_UNEQUAL)
        ],
    }


CASES = {
    **_padding(),
    "nn.Conv3d": [
        *(
            Case(_channels(2, 4, **o), (Real((2, 2, 4, 5, 4)),))
            for o in (
                {"kernel_size": 3},
                {"kernel_size": 3, "padding": 1, "bias": False},
                {"kernel_size": 2, "padding": "same"},
                {"kernel_size": 3, "stride": 2, "padding": 1},
                {"kernel_size": 2, "dilation": 2},
                {"kernel_size": 1},
                {"kernel_size": 3, "groups": 2},
                {"kernel_size": 3, "padding": 2, "padding_mode": "reflect"},
                {"kernel_size": 2, "padding": "same", "padding_mode": "replicate"},
                {"kernel_size": 3, "padding": 2, "padding_mode": "circular"},
                _UNEQUAL_3D,
            )
        ),
        Case(_channels(4, 3, kernel_size=3, bias=False), (Real((B, 4, 3, 5, 3)),)),
        Case(
            _channels(4, 4, kernel_size=3, padding=1, groups=4),
            (Real((2, 4, 3, 4, 5)),),
        ),
        Case(_channels(2, 3, kernel_size=3), (Real((2, 4, L, 3)),), label="no batch"),
    ],
    **_transposed(),
    **_folds(),
    **_moves(),
    **_upsampling(),
}
