"""Cases for convolutions and pooling."""

from .spec import Case, Exactly, N, Real, Size

# Of a thousand samples PyTorch's bias gradient loses digits: torch_defects/test_sums.py
B = Size("N", large=False)
L = Size("L", minimum=7, large=False)

# Options of convolutions from 4 to 6 channels; every number differs from its default.
_OPTIONS = [
    {"kernel_size": 3},
    {"kernel_size": 3, "padding": 1},
    {"kernel_size": 3, "padding": 1, "bias": False},
    {"kernel_size": 4, "padding": "same"},
    {"kernel_size": 3, "dilation": 2, "padding": "same"},
    {"kernel_size": 2, "padding": "valid"},
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": 2, "stride": 3},
    {"kernel_size": 3, "stride": 2, "padding": 3, "dilation": 2},
    {"kernel_size": 1},
    {"kernel_size": 3, "groups": 2},
    {"kernel_size": 3, "padding": 2, "padding_mode": "reflect"},
    {"kernel_size": 4, "padding": "same", "padding_mode": "replicate"},
    {"kernel_size": 3, "padding": 2, "padding_mode": "circular", "stride": 2},
]
# What the second dimension might change.
_OPTIONS_2D = [
    o
    for o in _OPTIONS
    if o.get("padding") in ("same", 1) or o.keys() & {"groups", "padding_mode"}
]

_POOLS = [
    {"kernel_size": 2},
    {"kernel_size": 3, "stride": 2},
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": 2, "stride": 3},
    {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True},
    {"kernel_size": 2, "stride": 4, "ceil_mode": True},
]
_MAX_POOLS = [
    {"kernel_size": 3, "stride": 1, "dilation": 2, "padding": 1},
    {"kernel_size": 2, "stride": 3, "dilation": 3, "ceil_mode": True},
    {"kernel_size": 3, "stride": 2, "padding": 1, "return_indices": True},
]
_AVG_POOLS = [
    {"kernel_size": 3, "stride": 2, "padding": 1, "count_include_pad": False},
    {
        "kernel_size": 4,
        "stride": 3,
        "padding": 2,
        "ceil_mode": True,
        "count_include_pad": False,
    },
]
# Fewer than there are, as many and more, divisors of them and not.
_ONE_SIZE = [1, 2, 3, 7, 10]
_TWO_SIZES = [1, 3, (1, 5), (4, None), (10, 2)]
# All ties at 0, which no rounding moves.
_TIES_1D = Exactly((N, 3, L), (0.0,))
_TIES_2D = Exactly((N, 3, 5, 6), (0.0,))


def _options(channels, out_channels, **options) -> dict:
    return {"in_channels": channels, "out_channels": out_channels, **options}


def adaptive(sizes, shape, unbatched, **options) -> list[Case]:
    return [
        *(Case({"output_size": n, **options}, (Real(shape),)) for n in sizes),
        Case(
            {"output_size": sizes[-1], **options}, (Real(unbatched),), label="no batch"
        ),
    ]


CASES = {
    "nn.Conv1d": [
        *(Case(_options(4, 6, **o), (Real((B, 4, L)),)) for o in _OPTIONS),
        Case(_options(3, 6, kernel_size=3, groups=3), (Real((N, 3, 9)),)),
        Case(_options(2, 3, kernel_size=3), (Real((2, L)),), label="no batch"),
    ],
    "nn.Conv2d": [
        *(Case(_options(2, 4, **o), (Real((2, 2, 7, 6)),)) for o in _OPTIONS_2D),
        Case(_options(4, 6, kernel_size=3, padding=1), (Real((B, 4, 5, 7)),)),
        Case(
            _options(
                2, 4, kernel_size=(2, 3), stride=(3, 1), padding=(0, 2), dilation=(1, 2)
            ),
            (Real((3, 2, L, 7)),),
        ),
        Case(_options(6, 6, kernel_size=3, groups=6), (Real((2, 6, 7, 6)),)),
        Case(
            _options(6, 6, kernel_size=3, groups=6, stride=2, padding=1),
            (Real((2, 6, 7, 6)),),
        ),
        Case(_options(2, 3, kernel_size=3), (Real((2, L, 7)),), label="no batch"),
    ],
    "nn.MaxPool1d": [
        *(Case(o, (Real((N, 3, L)),)) for o in (*_POOLS, *_MAX_POOLS)),
        Case({"kernel_size": 3, "stride": 2}, (_TIES_1D,), label="ties"),
        Case({"kernel_size": 2}, (Real((3, L)),), label="no batch"),
    ],
    "nn.MaxPool2d": [
        *(Case(o, (Real((B, 3, 9, L)),)) for o in (*_POOLS, *_MAX_POOLS)),
        Case(
            {"kernel_size": (2, 3), "stride": (3, 1), "padding": (1, 0)},
            (Real((N, 2, 5, 7)),),
        ),
        Case({"kernel_size": 3, "stride": 2, "padding": 1}, (_TIES_2D,), label="ties"),
        Case({"kernel_size": 2}, (Real((3, L, 6)),), label="no batch"),
    ],
    "nn.AvgPool1d": [
        *(Case(o, (Real((N, 3, L)),)) for o in (*_POOLS, *_AVG_POOLS)),
        Case({"kernel_size": 2}, (Real((3, L)),), label="no batch"),
    ],
    "nn.AvgPool2d": [
        *(Case(o, (Real((B, 3, 9, L)),)) for o in (*_POOLS, *_AVG_POOLS)),
        Case({"kernel_size": 2, "divisor_override": 3}, (Real((N, 2, 5, 7)),)),
        Case(
            {"kernel_size": 3, "padding": 1, "divisor_override": -2},
            (Real((N, 2, 5, 7)),),
        ),
        Case(
            {"kernel_size": (2, 3), "stride": (3, 1), "padding": (1, 0)},
            (Real((N, 2, 5, 7)),),
        ),
        Case({"kernel_size": 2}, (Real((3, L, 6)),), label="no batch"),
    ],
    "nn.AdaptiveAvgPool1d": adaptive(_ONE_SIZE, (N, 3, L), (3, L)),
    "nn.AdaptiveAvgPool2d": adaptive(_TWO_SIZES, (B, 3, 9, L), (3, L, 6)),
    "nn.AdaptiveMaxPool1d": [
        *adaptive(_ONE_SIZE, (N, 3, L), (3, L)),
        *adaptive([4], (N, 3, L), (3, L), return_indices=True),
        Case({"output_size": 4}, (_TIES_1D,), label="ties"),
    ],
    "nn.AdaptiveMaxPool2d": [
        *adaptive(_TWO_SIZES, (B, 3, 9, L), (3, L, 6)),
        *adaptive([(4, None)], (B, 3, 9, L), (3, L, 6), return_indices=True),
        Case({"output_size": (2, 4)}, (_TIES_2D,), label="ties"),
    ],
}
