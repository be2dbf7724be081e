"""Cases for activations: every piece, and their kinks."""

from .spec import Case, D, Exactly, K, N, Real, Size, Uniform

ANY = Real((...,))
UNIT = Real((...,), spread=2.0)  # where curves bend, whatever scale is drawn
SEVERAL = Size("several", minimum=8)
CHANNELS = Size("C", large=False)


def _pieces(*kinks: float, **options) -> list[Case]:
    """Away from the kinks, near them, and on them."""
    on_kinks = (*kinks, min(kinks) - 1.0, max(kinks) + 2.0)
    return [
        Case(options, (Real((...,), kinks=kinks),)),
        Case(options, (Real((...,), kinks=kinks, spread=2.0),)),
        Case(options, (Exactly((N, D), on_kinks),), label=_at_kinks(options)),
    ]


def _at_kinks(options: dict) -> str:
    words = [f"{name}={value}" for name, value in options.items()]
    return ", ".join([*words, "at the kinks"])


def _curve(**options) -> list[Case]:
    return [Case(options, (ANY,)), Case(options, (UNIT,))]


def _gates(**options) -> list[Case]:
    """Numbers on both sides of 0, several of them.

    Far on the left PyTorch's 1 + erf(x) and 1 + tanh(x) have no digits left in float32:
    of such numbers alone nothing but rounding could be compared.
    """
    return [
        Case(
            options,
            (Real((SEVERAL, D), spread=spread),),
            label=_spread(spread, options),
        )
        for spread in (1e-3, 0.3, 2.0, 30.0, 1e3)
    ]


def _spread(spread: float, options: dict) -> str:
    words = [f"{name}={value}" for name, value in options.items()]
    return ", ".join([*words, f"around {spread:g}"])


def _exponential(**options) -> list[Case]:
    return [*_pieces(0.0, **options), Case(options, (UNIT,))]


def _along(dim_of_two: int) -> list[Case]:
    return [
        Case({"dim": dim_of_two}, (Real((N, D)),)),
        Case({"dim": 0}, (Real((D,)),)),
        Case({"dim": -2}, (Real((N, K, 3)),)),
        # A dimension that is not given is chosen, with a warning.
        *(
            Case({}, (Real(shape),))
            for shape in ((D,), (N, D), (N, K, 3), (2, N, K, 3))
        ),
    ]


def _learned_slopes(tree, slopes):
    """A PReLU after some training: at first all slopes are equal."""
    layer = tree.nn.PReLU(len(slopes))
    layer.weight.data = slopes
    return layer


MAPS = Real((N, CHANNELS, 3, 2), kinks=(0.0,))
RANDOM = {"training": True}

CASES = {
    "nn.Threshold": [
        *_pieces(0.0, threshold=0.0, value=-5.0),
        *_pieces(0.5, threshold=0.5, value=20.0),
        *_pieces(-1.0, threshold=-1, value=0),
    ],
    "nn.ReLU6": _pieces(0.0, 6.0),
    "nn.Hardtanh": [
        *_pieces(-1.0, 1.0),
        *_pieces(-0.5, 2.0, min_val=-0.5, max_val=2.0),
    ],
    "nn.Hardsigmoid": _pieces(-3.0, 3.0),
    "nn.Hardswish": _pieces(-3.0, 3.0),
    "nn.PReLU": [
        Case({}, (Real((...,), kinks=(0.0,)),)),
        Case({}, (Exactly((N, D), (-1.0, 0.0, 2.0)),), label="at the kink"),
        Case({"init": -0.5}, (Real((N, D), kinks=(0.0,)),)),
        Case({"num_parameters": CHANNELS}, (Real((N, CHANNELS), kinks=(0.0,)),)),
        Case({"num_parameters": CHANNELS, "init": 0.1}, (MAPS,)),
        *(
            Case(
                {"slopes": Uniform((CHANNELS,), -0.5, 1.0)},
                (Real((N, CHANNELS, last), kinks=(0.0,)),),
                build=_learned_slopes,
                label=f"slopes that differ, (N, C, {last.name})",
            )
            for last in (D, CHANNELS)
        ),
    ],
    "nn.RReLU": [
        Case({}, (Real((...,), kinks=(0.0,)),), **RANDOM),
        Case({"lower": -0.5, "upper": 2.0}, (MAPS,), **RANDOM),
        Case({"lower": 0.3, "upper": 0.3}, (MAPS,), **RANDOM),
        # However narrow the range, slopes are drawn.
        Case({"lower": 0.25, "upper": 0.25 + 2.0**-20}, (MAPS,), **RANDOM),
        Case({}, (Exactly((N, D), (-1.0, 0.0, 2.0)),), label="at the kink", **RANDOM),
        Case({}, (Real((...,), kinks=(0.0,)),), label="evaluating"),
        Case({"lower": 0.1, "upper": 0.9}, (MAPS,), label="0.1 to 0.9, evaluating"),
    ],
    "nn.ELU": [*_exponential(), *_exponential(alpha=0.3), *_exponential(alpha=-2.0)],
    "nn.CELU": [*_exponential(), *_exponential(alpha=0.3), *_exponential(alpha=2.5)],
    "nn.SELU": _exponential(),
    "nn.GELU": [*_gates(), *_gates(approximate="tanh")],
    "nn.SiLU": _curve(),
    "nn.Mish": _curve(),
    "nn.Softplus": [
        Case({}, (Real((...,), kinks=(20.0,)),)),
        Case({}, (UNIT,)),
        Case({"beta": 3.0}, (UNIT,)),
        Case({"beta": 0.5, "threshold": 4.0}, (Real((...,), (8.0,), spread=8.0),)),
        Case({}, (Exactly((N, D), (20.0, 19.0, 21.0)),), label="at the threshold"),
    ],
    "nn.LogSigmoid": _curve(),
    "nn.Softsign": _curve(),
    "nn.Tanhshrink": _curve(),
    "nn.Hardshrink": [
        *_pieces(-0.5, 0.5),
        *_pieces(-2.0, 2.0, lambd=2.0),
        *_pieces(0.0, lambd=0.0),
        Case({"lambd": -1.0}, (ANY,)),
    ],
    "nn.Softshrink": [
        *_pieces(-0.5, 0.5),
        *_pieces(-2.0, 2.0, lambd=2.0),
        *_pieces(0.0, lambd=0.0),
    ],
    "nn.GLU": [
        Case({}, (Real((N, D, 4)),)),
        Case({}, (Real((N, D, 4), spread=2.0),)),
        Case({"dim": 1}, (Real((N, 6)),)),
        Case({"dim": 0}, (Real((2,)),)),
        Case({"dim": -2}, (Real((N, 2, D)),)),
    ],
    "nn.Softmin": _along(1),
    "nn.Softmax2d": [
        Case({}, (Real((N, CHANNELS, 3, 2)),)),
        Case({}, (Real((CHANNELS, D, 2)),)),
    ],
    "nn.Dropout1d": [
        Case({}, (Real((N, CHANNELS, D)),), **RANDOM),
        Case({"p": 0.1}, (Real((CHANNELS, D)),), **RANDOM),
        Case({"p": 0.0}, (Real((N, CHANNELS, D)),), **RANDOM),
        Case({"p": 1.0}, (Real((N, CHANNELS, D)),), **RANDOM),
        Case({}, (Real((N, CHANNELS, D)),), label="evaluating"),
    ],
    "nn.Dropout2d": [
        Case({}, (Real((N, CHANNELS, D, 2)),), **RANDOM),
        Case({"p": 0.1}, (Real((N, CHANNELS, 3, D)),), **RANDOM),
        Case({"p": 0.0}, (Real((N, CHANNELS, D, 2)),), **RANDOM),
        Case({"p": 1.0}, (Real((N, CHANNELS, D, 2)),), **RANDOM),
        Case({}, (Real((N, CHANNELS, D, 2)),), label="evaluating"),
    ],
    "nn.Dropout3d": [
        Case({}, (Real((N, CHANNELS, 2, D, 3)),), **RANDOM),
        Case({"p": 0.1}, (Real((CHANNELS, D, 2, 3)),), **RANDOM),
        Case({"p": 0.0}, (Real((N, CHANNELS, D, 2, 3)),), **RANDOM),
        Case({"p": 1.0}, (Real((N, CHANNELS, D, 2, 3)),), **RANDOM),
        Case({}, (Real((N, CHANNELS, D, 2, 3)),), label="evaluating"),
    ],
    "nn.AlphaDropout": [
        Case({}, (ANY,), **RANDOM),
        Case({"p": 0.1}, (ANY,), **RANDOM),
        Case({"p": 0.0}, (ANY,), **RANDOM),
        Case({"p": 1.0}, (ANY,), **RANDOM),
        Case({}, (ANY,), label="evaluating"),
    ],
    "nn.FeatureAlphaDropout": [
        Case({}, (Real((N, CHANNELS, D)),), **RANDOM),
        Case({"p": 0.1}, (Real((N, CHANNELS)),), **RANDOM),
        Case({"p": 0.3}, (Real((N, CHANNELS, D, 2)),), **RANDOM),
        Case({"p": 0.0}, (Real((N, CHANNELS, D)),), **RANDOM),
        Case({"p": 1.0}, (Real((N, CHANNELS, D)),), **RANDOM),
        Case({}, (Real((N, CHANNELS, D)),), label="evaluating"),
    ],
}
