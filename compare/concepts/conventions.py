"""What PyTorch does at kinks, ties and jumps, where its documentation is silent.

At such a place a function has no one slope, or no one answer, and an implementation
takes one. Each row holds the numbers that show it: both sides are asked for them by
the tests. Where nothing else is said a gradient is that of the sum of the outputs.
"""

from dataclasses import dataclass, field

import numpy as np

INF = float("inf")


@dataclass(frozen=True)
class Convention:
    """`inputs` of a concept with `options` give `output`, and lead to the `gradient` of
    the first input; None is not asked for.
    """

    where: str
    what: str
    inputs: tuple
    gradient: list | None = None
    output: list | float | None = None
    options: dict = field(default_factory=dict)


def _at(where, what, x, gradient=None, output=None, *others, **options) -> Convention:
    return Convention(where, what, (x, *others), gradient, output, options)


def _left_slope(slope, **options) -> list[Convention]:
    return [_at("at 0", f"the slope is that of the left, {slope}", [0.0], [slope])]


def _none_of_both(name: str, ends, **options) -> list[Convention]:
    return [_at(f"at {name}", "the slope is 0", list(ends), [0.0] * 2, **options)]


_FIRST_WINS = "the first of equal numbers gets all of the gradient"
_NO_SLOPE = "the slope is 0, not infinite or NaN"


def _max_pooling(dimensions: int, **options) -> list[Convention]:
    x = np.full((1, *[2] * dimensions), 2.0)
    first = np.zeros_like(x)
    first.flat[0] = 1
    where = "equal numbers in a window"
    return [_at(where, _FIRST_WINS, x.tolist(), first.tolist(), **options)]


def _norm_pooling(dimensions: int) -> list[Convention]:
    x = np.zeros((1, *[2] * dimensions)).tolist()
    return [_at("a window of zeros", _NO_SLOPE, x, x, norm_type=2, kernel_size=2)]


_EQUAL = [0.0, 1.0], [0.0, 1.0]
_SUM = {"reduction": "sum"}

CONVENTIONS: dict[str, list[Convention]] = {
    "nn.ReLU": [_at("at 0", "the slope is 0", [0.0, -0.0], [0.0, 0.0])],
    "nn.functional.relu": [_at("at 0", "the slope is 0", [0.0], [0.0])],
    "nn.ReLU6": _none_of_both("0 and 6", (0.0, 6.0)),
    "nn.Hardtanh": _none_of_both("-1 and 1", (-1.0, 1.0)),
    "nn.Hardsigmoid": _none_of_both("-3 and 3", (-3.0, 3.0)),
    "nn.Hardswish": [
        _at("at -3", "the slope is 0", [-3.0], [0.0]),
        _at("at 3", "the slope is 1", [3.0], [1.0]),
    ],
    "nn.LeakyReLU": _left_slope(0.01),
    "nn.PReLU": _left_slope(0.25),
    "nn.RReLU": _left_slope((1 / 8 + 1 / 3) / 2),
    "nn.Threshold": [
        _at(
            "at the threshold",
            "the value stands in its place, and the slope is 0",
            [0.5],
            [0.0],
            [20.0],
            threshold=0.5,
            value=20.0,
        )
    ],
    "nn.ELU": [
        _at("at 0", "the slope is that of the left, alpha", [0.0], [0.3], alpha=0.3)
    ],
    "nn.CELU": [_at("at 0", "the slope is 1", [0.0], [1.0], alpha=0.5)],
    "nn.SELU": [
        _at(
            "at 0",
            "the slope is that of the left, scale times alpha",
            [0.0],
            [1.0507009873554804934193349852946 * 1.6732632423543772848170429916717],
        )
    ],
    "nn.Hardshrink": [
        _at(
            "at lambd and -lambd",
            "the number counts as small: 0, with slope 0",
            [-0.5, 0.5],
            [0.0, 0.0],
            [0.0, 0.0],
        )
    ],
    "nn.Softshrink": [
        _at("at lambd and -lambd", "the slope is 0", [-0.5, 0.5], [0.0, 0.0])
    ],
    "nn.Softplus": [
        _at(
            "beta x above the threshold",
            "the output is x itself; at the threshold it is not yet",
            [1.0, 1.5],
            None,
            [1.3132616875182228, 1.5],
            threshold=1.0,
        )
    ],
    "nn.LogSigmoid": [_at("at 0", "the slope is 1/2", [0.0], [0.5])],
    "nn.Softsign": [_at("at 0", "the slope is 1", [0.0], [1.0])],
    "nn.MaxPool1d": _max_pooling(1, kernel_size=2),
    "nn.MaxPool2d": _max_pooling(2, kernel_size=2),
    "nn.MaxPool3d": _max_pooling(3, kernel_size=2),
    "nn.AdaptiveMaxPool1d": _max_pooling(1, output_size=1),
    "nn.AdaptiveMaxPool2d": _max_pooling(2, output_size=1),
    "nn.AdaptiveMaxPool3d": _max_pooling(3, output_size=1),
    "nn.LPPool1d": _norm_pooling(1),
    "nn.LPPool2d": _norm_pooling(2),
    "nn.LPPool3d": _norm_pooling(3),
    "nn.L1Loss": [
        _at(
            "prediction equals target",
            "the slope is 0",
            _EQUAL[0],
            [0.0, 0.0],
            0.0,
            _EQUAL[1],
            **_SUM,
        )
    ],
    "nn.SmoothL1Loss": [
        _at(
            "a distance of beta",
            "both pieces have the slope 1 there",
            [1.0, -1.0],
            [1.0, -1.0],
            1.0,
            [0.0, 0.0],
            **_SUM,
        ),
        _at(
            "prediction equals target, beta = 0",
            "the slope is 0",
            [1.0],
            [0.0],
            0.0,
            [1.0],
            beta=0.0,
            **_SUM,
        ),
    ],
    "nn.HuberLoss": [
        _at(
            "a distance of delta",
            "both pieces have the slope delta there",
            [0.5, -0.5],
            [0.5, -0.5],
            0.25,
            [0.0, 0.0],
            delta=0.5,
            **_SUM,
        )
    ],
    "nn.BCELoss": [
        _at(
            "a certain prediction that is wrong",
            "the logarithm is held at -100",
            [0.0, 1.0],
            None,
            200.0,
            [1.0, 0.0],
            **_SUM,
        ),
        _at(
            "a certain prediction that is right",
            "the loss is 0, and p (1 - p) is held at 1e-12 in the gradient",
            [0.0, 1.0],
            [0.0, 0.0],
            0.0,
            [0.0, 1.0],
            **_SUM,
        ),
    ],
    "nn.KLDivLoss": [
        _at(
            "a target of 0",
            "it counts 0, as x log x does in the limit",
            [-1.0],
            [0.0],
            0.0,
            [0.0],
            **_SUM,
        )
    ],
    "nn.HingeEmbeddingLoss": [
        _at(
            "a distance of the margin, target -1",
            "the slope is that within it, -1",
            [1.0],
            [-1.0],
            0.0,
            [-1.0],
            **_SUM,
        ),
        _at(
            "a target that is neither 1 nor -1",
            "both terms count",
            [0.25],
            [0.0],
            1.0,
            [3.0],
            **_SUM,
        ),
    ],
    "nn.MarginRankingLoss": [
        _at(
            "the margin is met exactly",
            "it counts as too near, with the whole slope",
            [1.0],
            [-1.0],
            0.0,
            [0.0],
            [1.0],
            margin=1.0,
            **_SUM,
        )
    ],
    "nn.MultiMarginLoss": [
        _at(
            "the margin is met exactly",
            "the slope is 0",
            [[1.0, 0.0]],
            [[0.0, 0.0]],
            0.0,
            [0],
            **_SUM,
        )
    ],
    "nn.MultiLabelMarginLoss": [
        _at(
            "the margin is met exactly",
            "the slope is 0",
            [[1.0, 0.0]],
            [[0.0, 0.0]],
            0.0,
            [[0, -1]],
            **_SUM,
        )
    ],
    "nn.GaussianNLLLoss": [
        _at(
            "a variance below eps",
            "eps stands in its place",
            [1.0],
            [4.0],
            2.0 + np.log(0.25) / 2,
            [0.0],
            [0.0],
            eps=0.25,
            **_SUM,
        )
    ],
    "nn.LayerNorm": [
        _at(
            "a row of equal numbers",
            "0, and no gradient of the row: eps stands for its variance",
            [[3.0, 3.0]],
            [[0.0, 0.0]],
            [[0.0, 0.0]],
            normalized_shape=2,
        )
    ],
    "nn.CosineEmbeddingLoss": [
        _at(
            "the margin is met exactly",
            "it counts as too near, with the whole slope",
            [[2.0**20, 0.0]],
            [[0.0, 2.0**-20]],
            0.0,
            [[0.0, 2.0**20]],
            [-1.0],
            **_SUM,
        )
    ],
    "nn.CosineSimilarity": [
        _at(
            "a vector of zeros",
            "the similarity is 0, its length held at eps",
            [[0.0, 0.0]],
            [[6e7, 8e7]],
            [0.0],
            [[3.0, 4.0]],
        )
    ],
    "nn.PairwiseDistance": [
        _at(
            "two equal rows, eps = 0",
            "the slope is 0",
            [[1.0, 2.0]],
            [[0.0, 0.0]],
            [0.0],
            [[1.0, 2.0]],
            eps=0.0,
        ),
        _at(
            "equally large differences, p = inf",
            "each of them gets the whole gradient, divided by their number",
            [[1.0, 1.0]],
            [[0.5, 0.5]],
            [1.0],
            [[0.0, 0.0]],
            p=INF,
            eps=0.0,
        ),
    ],
    "nn.TripletMarginLoss": [
        _at(
            "the margin is met exactly",
            "it counts as too near, with the whole slope",
            [[0.0]],
            [[1.0]],
            0.0,
            [[0.0]],
            [[1.0]],
            eps=0.0,
            p=1.0,
            **_SUM,
        )
    ],
}
