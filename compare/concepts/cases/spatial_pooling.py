"""Cases for pooling of volumes, by a norm, with drawn windows, and its inverse."""

from .convolution import adaptive
from .spec import Case, Classes, Exactly, Given, N, Places, Real, Size, Uniform

B = Size("N", large=False)
L = Size("L", minimum=7, large=False)

# What the third dimension might change; every number differs from its default.
_POOLS = [
    {"kernel_size": 2},
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True},
    {"kernel_size": (2, 3, 1), "stride": (3, 1, 2), "padding": (1, 0, 0)},
]
_MAX_POOLS = [
    {"kernel_size": 2, "stride": 1, "dilation": (1, 3, 2)},
    {"kernel_size": 3, "stride": 2, "padding": 1, "return_indices": True},
]
_AVG_POOLS = [
    {"kernel_size": 3, "stride": 2, "padding": 1, "count_include_pad": False},
    {
        "kernel_size": (4, 2, 3),
        "stride": 3,
        "padding": 1,
        "ceil_mode": True,
        "count_include_pad": False,
    },
    {"kernel_size": 2, "divisor_override": 3},
    {"kernel_size": 3, "padding": 1, "divisor_override": -2},
]
_THREE_SIZES = [1, 3, (1, 5, 2), (4, None, 7)]
_VOLUME, _NO_BATCH = (3, 2, 5, L, 6), (2, 5, L, 6)
# All ties at 0, which no rounding moves.
_TIES = Exactly((N, 2, 3, 5, 4), (0.0,))

# The power of a negative number is one only for whole exponents, and the root of a
# negative sum none at all. At 0 a broken power has a slope of 0 or infinity.
_NORMS = [
    (2, Real),
    (2.0, Real),
    (4, Real),
    (-2, Real),
    (1, Real),
    (1.5, "positive"),
    (3, "positive"),
    (0.5, "positive"),
    (-1, "positive"),
    (float("inf"), Real),
    (float("-inf"), Real),
]


def _of_norm(shape, no_batch, *others) -> list[Case]:
    """All norms with one window, the Euclidean one with other windows."""
    cases = [
        Case(
            {"norm_type": p, "kernel_size": 3, "stride": 2},
            (Uniform(shape, 0.1, 4.0, True) if kind == "positive" else Real(shape),),
        )
        for p, kind in _NORMS
    ]
    cases += [
        Case({"norm_type": 2, **options}, (Real(shape),))
        for options in (
            {"kernel_size": 2},
            {"kernel_size": 3, "stride": 1},
            {"kernel_size": 2, "stride": 4, "ceil_mode": True},
            {"kernel_size": 4, "stride": 3, "ceil_mode": True},
            *others,
        )
    ]
    # Sums of 0: PyTorch gives them no gradient.
    kinks = Exactly(shape, (0.0,))
    cases += [
        Case({"norm_type": p, "kernel_size": 3}, (kinks,), label=f"zeros, p = {p}")
        for p in (1, 2, 3, 0.5, float("inf"))
    ]
    few = Exactly(shape, (0.0, 0.0, 2.0, -2.0))
    cases.append(Case({"norm_type": 2, "kernel_size": 2}, (few,), label="some zeros"))
    return [
        *cases,
        Case({"norm_type": 2, "kernel_size": 2}, (Real(no_batch),), label="no batch"),
    ]


def _chosen_twice(shape, count) -> Case:
    """As from windows that overlap: the same number wherever the place is the same."""
    inputs = Exactly(shape, (2.0,)), Classes(shape, count)
    return Case({"kernel_size": 2}, inputs, label="places chosen twice")


def _unpool(axes, shape, options, count, output_size=None) -> Case:
    """Over the last `axes` dimensions, to an output with `count` places."""
    inputs = Real(shape), Places(shape, count, axes)
    label = "no batch" if len(shape) == axes + 1 else ""
    if output_size is not None:
        inputs += (Given(output_size),)
        label = f"to {output_size}"
    return Case(options, inputs, label=label)


# No multiple of the step between two windows, so rounding moves no window.
_DRAWS = tuple(n / 16 for n in range(1, 16, 2))


def _fractional(shape, *several) -> list[Case]:
    draws = Exactly((4, shape[1], len(shape) - 2), _DRAWS)
    one_draw = Exactly((1, shape[1], len(shape) - 2), _DRAWS)
    ties = Exactly(shape, (0.0,))
    return [
        *(Case({"_random_samples": draws, **o}, (Real(shape),)) for o in several),
        Case({"_random_samples": draws, **several[0]}, (ties,), label="ties"),
        Case(
            {"_random_samples": one_draw, **several[0]},
            (Real(shape[1:]),),
            label="no batch",
        ),
    ]


CASES = {
    "nn.MaxPool3d": [
        *(Case(o, (Real(_VOLUME),)) for o in (*_POOLS, *_MAX_POOLS)),
        Case({"kernel_size": 3, "stride": 2, "padding": 1}, (_TIES,), label="ties"),
        Case({"kernel_size": 2}, (Real(_NO_BATCH),), label="no batch"),
    ],
    "nn.AvgPool3d": [
        *(Case(o, (Real(_VOLUME),)) for o in (*_POOLS, *_AVG_POOLS)),
        Case({"kernel_size": 2}, (Real(_NO_BATCH),), label="no batch"),
    ],
    "nn.AdaptiveAvgPool3d": adaptive(_THREE_SIZES, _VOLUME, _NO_BATCH),
    "nn.AdaptiveMaxPool3d": [
        *adaptive(_THREE_SIZES, _VOLUME, _NO_BATCH),
        *adaptive([(4, None, 2)], _VOLUME, _NO_BATCH, return_indices=True),
        Case({"output_size": (2, 4, 1)}, (_TIES,), label="ties"),
    ],
    "nn.LPPool1d": _of_norm((N, 3, L), (3, L)),
    "nn.LPPool2d": _of_norm(
        (B, 2, 7, L), (3, L, 6), {"kernel_size": (2, 3), "stride": (3, 1)}
    ),
    "nn.LPPool3d": _of_norm(
        (2, 2, 7, 5, L), (2, 5, L, 4), {"kernel_size": (2, 3, 1), "stride": (3, 1, 2)}
    ),
    "nn.MaxUnpool1d": [
        _unpool(1, (N, 3, 5), {"kernel_size": 2}, 10),
        _unpool(1, (N, 3, 4), {"kernel_size": 3, "stride": 2}, 9),
        _unpool(1, (N, 3, 5), {"kernel_size": 3, "stride": 2, "padding": 1}, 9),
        _unpool(1, (N, 3, 5), {"kernel_size": 2}, 11, (11,)),
        _unpool(1, (2, 3, 5), {"kernel_size": 2}, 9, (2, 3, 9)),
        _chosen_twice((N, 3, 5), 10),
        _unpool(1, (3, 5), {"kernel_size": 2}, 10),
    ],
    "nn.MaxUnpool2d": [
        _unpool(2, (N, 2, 3, 4), {"kernel_size": 2}, 48),
        _unpool(
            2,
            (N, 2, 3, 4),
            {"kernel_size": (3, 2), "stride": (1, 2), "padding": (1, 0)},
            24,
        ),
        _unpool(2, (N, 2, 3, 4), {"kernel_size": 3, "stride": 2}, 48, (6, 8)),
        _chosen_twice((N, 2, 3, 4), 48),
        _unpool(2, (2, 3, 4), {"kernel_size": 2}, 48),
    ],
    "nn.MaxUnpool3d": [
        _unpool(3, (B, 2, 3, 1, 2), {"kernel_size": 2}, 48),
        _unpool(
            3,
            (B, 2, 3, 1, 2),
            {"kernel_size": (3, 2, 4), "stride": (1, 2, 3), "padding": (1, 0, 2)},
            18,
        ),
        _unpool(3, (B, 2, 3, 1, 2), {"kernel_size": 3, "stride": 2}, 60, (6, 2, 5)),
        _chosen_twice((B, 2, 3, 1, 2), 48),
        _unpool(3, (2, 3, 1, 2), {"kernel_size": 2}, 48),
    ],
    "nn.FractionalMaxPool2d": _fractional(
        (3, 2, 9, 7),
        {"kernel_size": 2, "output_size": 4},
        {"kernel_size": (2, 3), "output_size": (8, 3)},
        {"kernel_size": 3, "output_ratio": 0.5},
        {"kernel_size": 2, "output_ratio": (0.7, 0.3), "return_indices": True},
        {"kernel_size": 2, "output_size": (1, 6)},
    ),
    "nn.FractionalMaxPool3d": _fractional(
        (3, 2, 9, 5, 7),
        {"kernel_size": 2, "output_size": 3},
        {"kernel_size": (2, 3, 1), "output_size": (7, 2, 3)},
        {"kernel_size": 2, "output_ratio": 0.5},
        {"kernel_size": 2, "output_ratio": (0.7, 0.5, 0.3), "return_indices": True},
    ),
}
