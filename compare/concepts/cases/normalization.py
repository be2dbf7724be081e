"""Cases for layers that normalise, over the batch or each sample on its own."""

from .spec import C, Case, D, Exactly, K, N, Real, Size

# One value for each channel is refused while training. Two become -1 and 1, whatever
# they are, which PyTorch's x r - mean r hits less precisely. Of a thousand it sums the
# mean in float64 one after the other: torch_defects/test_sums.py.
B = Size("B", minimum=3, large=False)
SMALL = Size("N", large=False)
# Of no samples PyTorch's instance norm remembers NaN, and its way back raises.
SAMPLES = Size("samples", large=False)
# With one feature or two the input's gradient is 0 but for eps. PyTorch's backward
# multiplies x - mean out and leaves rounding there: torch_defects/test_norms.py.
F = Size("F", minimum=3)
FEW = Size("F", minimum=3, large=False)

_BATCH = [
    ({}, True),
    ({"affine": False}, True),
    ({"bias": False, "eps": 0.1}, True),
    ({"momentum": 0.4}, True),
    ({"momentum": None}, True),
    ({"track_running_stats": False}, True),
    ({"track_running_stats": False}, False),
]


def _trained(name):
    """Builds a norm that has seen batches: with weights and statistics of its own."""

    def build(tree, running_mean, running_var, **options):
        norm = getattr(tree.nn, name)(len(running_mean), **options)
        norm.running_mean, norm.running_var = running_mean, running_var
        norm.num_batches_tracked += 3
        return norm

    return build


_STRONG = {"alpha": 1.0}  # the default leaves next to nothing to see

STATISTICS = {  # short numbers, the same in every dtype
    "running_mean": Exactly((C,), (-1.5, -0.25, 0.5, 2.0)),
    "running_var": Exactly((C,), (0.25, 0.75, 1.5, 3.0)),
}


def _batch_norm(name, shape, *others) -> list[Case]:
    """All options with one shape, the defaults with others."""
    cases = [
        Case({"num_features": C, **options}, (Real(shape),), training=training)
        for options, training in _BATCH
    ]
    cases += [
        Case(
            {**STATISTICS, **options},
            (Real(shape),),
            training=training,
            build=_trained(name),
            label=f"after some batches, {mode} {options or ''}".strip(),
        )
        for options, training, mode in (
            ({"momentum": None}, True, "training"),
            ({}, False, "evaluating"),
            ({"affine": False}, False, "evaluating"),
        )
    ]
    for other in others:
        cases += [
            Case({"num_features": C}, (Real(other),), training=True),
            Case(STATISTICS, (Real(other),), build=_trained(name), label="evaluating"),
        ]
    return cases


def _instance_norm(name, *positions) -> list[Case]:
    batch, tracked = Real((SAMPLES, C, *positions)), {"track_running_stats": True}
    options = (
        {},
        {"affine": True},
        {"affine": True, "bias": False, "eps": 0.1},
        {**tracked, "momentum": 0.4},
        {**tracked, "momentum": None},
    )
    return [
        *(Case({"num_features": C, **o}, (batch,), training=True) for o in options),
        Case({"num_features": C, "affine": True}, (batch,)),
        *(
            Case(
                {**STATISTICS, **tracked, "affine": True},
                (batch,),
                training=training,
                build=_trained(name),
                label=f"after some batches, {mode}",
            )
            for training, mode in ((True, "training"), (False, "evaluating"))
        ),
        Case(
            {"num_features": C, "affine": True, **tracked},
            (Real((C, *positions)),),
            training=True,
            label="no batch",
        ),
    ]


CASES = {
    "nn.BatchNorm1d": _batch_norm("BatchNorm1d", (B, C), (B, C, K)),
    "nn.BatchNorm2d": _batch_norm("BatchNorm2d", (SMALL, C, 2, 3), (SMALL, C, 3, 5)),
    "nn.BatchNorm3d": _batch_norm("BatchNorm3d", (SMALL, C, 2, 1, 3)),
    "nn.InstanceNorm1d": _instance_norm("InstanceNorm1d", F),
    "nn.InstanceNorm2d": _instance_norm("InstanceNorm2d", 3, FEW),
    "nn.InstanceNorm3d": _instance_norm("InstanceNorm3d", 2, 3, 4),
    "nn.LocalResponseNorm": [
        Case({"size": size, **_STRONG}, (Real((SMALL, C, K), spread=1.0),))
        for size in (1, 2, 3, 5, 40)
    ]
    + [
        Case({"size": 3, "alpha": 2.0, "beta": 0.5, "k": 0.5}, (Real((N, 6, 2, 3)),)),
        Case({"size": 2, "beta": 1.5, **_STRONG}, (Real((SMALL, C, 1, 2, 3)),)),
        Case({"size": 3}, (Real((SMALL, C, 4)),)),
    ],
    # PyTorch's has mistakes unless each sum has all channels and more:
    # torch_defects/test_norms.py.
    "nn.CrossMapLRN2d": [
        Case({"size": 7, **_STRONG}, (Real((SMALL, 3, 2, K)),)),
        Case({"size": 6, "beta": 1.5, "k": 2}, (Real((SMALL, 2, K, 3)),)),
        Case({"size": 21, "alpha": 0.5}, (Real((SMALL, 8, 3, 2)),)),
    ],
    "nn.LayerNorm": [
        Case({"normalized_shape": FEW}, (Real((..., FEW)),)),
        Case({"normalized_shape": (4, 3)}, (Real((N, 4, 3)),)),
        Case({"normalized_shape": F, "eps": 0.1, "bias": False}, (Real((SMALL, F)),)),
        Case({"normalized_shape": FEW, "elementwise_affine": False}, (Real((N, FEW)),)),
    ],
    "nn.RMSNorm": [
        Case({"normalized_shape": K}, (Real((..., K)),)),
        Case({"normalized_shape": (4, 3)}, (Real((N, 4, 3)),)),
        Case({"normalized_shape": D, "eps": 0.1}, (Real((SMALL, D)),)),
        Case({"normalized_shape": D, "elementwise_affine": False}, (Real((SMALL, D)),)),
    ],
    "nn.GroupNorm": [
        Case({"num_groups": 2, "num_channels": 6}, (Real((SMALL, 6, K)),)),
        Case({"num_groups": 3, "num_channels": 6}, (Real((N, 6, 3, 2)),)),
        Case({"num_groups": 1, "num_channels": 4}, (Real((N, 4)),)),
        Case({"num_groups": 4, "num_channels": 4}, (Real((SMALL, 4, 5)),)),
        Case(
            {"num_groups": 2, "num_channels": 4, "eps": 0.1, "bias": False},
            (Real((SMALL, 4, 3)),),
        ),
        Case(
            {"num_groups": 2, "num_channels": 4, "affine": False},
            (Real((SMALL, 4, 3)),),
        ),
    ],
}
