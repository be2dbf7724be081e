"""What is refused: the same calls as in PyTorch, with the same class of exception.

Every call is made on both sides. Where scratch is stricter than PyTorch, or PyTorch's
class is an accident, the call stands in a table of its own with the reason.
"""

from collections import OrderedDict

import numpy as np
import pytest

import scratch
import torch_ref
from compare.catalogue import concepts
from compare.sides import to_torch

pytestmark = [
    pytest.mark.usefixtures("random_streams"),
    # What PyTorch warns of before it raises, or instead.
    pytest.mark.filterwarnings("ignore:.*(target|zero-element|elementwise_mean)"),
    pytest.mark.filterwarnings("ignore:reduction. 'mean' divides"),
]


class Side:
    """One of the two libraries: `s.nn`, and `s(array)` for an input of its kind."""

    def __init__(self, tree, convert):
        self.nn, self.convert = tree.nn, convert

    def __call__(self, values, dtype=None):
        """Numbers of the given dtype; floating ones are float32 unless it says so."""
        array = np.asarray(values)
        if dtype is None and array.dtype == np.float64:
            dtype = np.float32
        return self.convert(array.astype(dtype or array.dtype))

    def prediction(self, values):
        """An input to which a gradient leads."""
        x = self(values)
        return x.requires_grad_() if self.convert is to_torch else x

    def backward(self, result, gradient=None):
        """Take the way back of what a module returned."""
        if self.convert is to_torch:
            return result.backward(None if gradient is None else self(gradient))
        return result[1]() if gradient is None else result[1](gradient)


SCRATCH, TORCH = Side(scratch, lambda x: x), Side(torch_ref, to_torch)

ROWS = np.full((3, 2), 0.5)  # three samples, of two features or classes
ONE = np.full(3, 0.5)
NO_ARRAY = {"list": [1.0, 2.0], "None": None, "float": 1.0, "str": "a"}
NO_FLOATS = {"int": [1, 0], "bool": [True, False], "complex": [1j, 0]}


def table(name, argument, calls: dict) -> dict:
    """Rows of the table: what is wrong with which argument of which module."""
    return {f"{name}, {argument}: {what}": (argument, f) for what, f in calls.items()}


def _of(name, **options):
    """A function that calls the module of that name with numbers of a side's kind."""

    def call(*inputs):
        return lambda s: getattr(s.nn, name)(**options)(
            *(s(x) if isinstance(x, np.ndarray) else x for x in inputs)
        )

    return call


def _layers() -> dict:
    rows = {}
    rows |= table(
        "Linear",
        "in_features",
        {
            "negative": lambda s: s.nn.Linear(-1, 3),
            "a fraction": lambda s: s.nn.Linear(2.5, 3),
            "a str": lambda s: s.nn.Linear("a", 3),
            "None": lambda s: s.nn.Linear(None, 3),
            "missing": lambda s: s.nn.Linear(),
            "not that of the input": lambda s: s.nn.Linear(3, 3)(s(ROWS)),
        },
    )
    rows |= table(
        "Linear",
        "out_features",
        {
            "negative": lambda s: s.nn.Linear(3, -1),
            "a fraction": lambda s: s.nn.Linear(3, 2.5),
            "missing": lambda s: s.nn.Linear(3),
        },
    )
    linear = _of("Linear", in_features=2, out_features=3)
    rows |= table(
        "Linear",
        "input",
        {
            "a single number": linear(np.array(0.5)),
            "another dtype": lambda s: s.nn.Linear(2, 3)(s(ROWS, np.float64)),
            "no samples, other features": linear(np.zeros((0, 3))),
            **{f"dtype {k}": linear(np.array(v)) for k, v in NO_FLOATS.items()},
            **{f"a {k}": linear(v) for k, v in NO_ARRAY.items()},
        },
    )
    rows["Linear: unknown option"] = ("bogus", lambda s: s.nn.Linear(2, 3, bogus=1))

    for name in ("ReLU", "LeakyReLU", "Sigmoid", "Tanh", "Dropout"):
        wrong = {f"a {kind}": _of(name)(value) for kind, value in NO_ARRAY.items()}
        rows |= table(name, "input", wrong)
        rows[f"{name}: too many inputs"] = ("forward", _of(name)(ROWS, ROWS))
        rows[f"{name}: no input"] = ("forward", _of(name)())
    for name, option in (("LeakyReLU", {}), ("Softmax", {"dim": 0}), ("Dropout", {})):
        kinds = set(NO_FLOATS) - ({"complex"} if name == "Dropout" else set())
        wrong = {k: _of(name, **option)(np.array(NO_FLOATS[k])) for k in kinds}
        rows |= table(name, "input", {f"dtype {k}": wrong[k] for k in sorted(wrong)})
    rows |= table(
        "LeakyReLU",
        "negative_slope",
        {
            f"{value!r}": _of("LeakyReLU", negative_slope=value)(ROWS)
            for value in ("a", None, [0.1])
        },
    )

    for name in ("Softmax", "LogSoftmax"):
        rows |= table(
            name,
            "dim",
            {
                **{
                    f"{value!r}": _of(name, dim=value)(ROWS)
                    for value in ("a", 1.5, True, [0], 2, -3)
                },
                "1 of a number": _of(name, dim=1)(np.array(0.5)),
                "1 of nothing": _of(name, dim=1)(np.zeros(0)),
            },
        )
    wrong = {f"dtype {k}": _of("LogSoftmax", dim=0)(np.array([1, 0])) for k in ["int"]}
    rows |= table("LogSoftmax", "input", wrong)

    rows |= table(
        "Dropout",
        "p",
        {
            f"{value!r}": (lambda s, value=value: s.nn.Dropout(value))
            for value in (-0.1, 1.1, np.inf, "a", None, [0.5], 1j)
        },
    )
    cube = np.full((2, 3, 4), 0.5)
    for argument in ("start_dim", "end_dim"):
        rows |= table(
            "Flatten",
            argument,
            {
                f"{value!r}": _of("Flatten", **{argument: value})(cube)
                for value in (3, -4, "a", 1.0, None)
            },
        )
    rows |= table(
        "Flatten",
        "start_dim",
        {
            "after end_dim": _of("Flatten", start_dim=2, end_dim=1)(cube),
            "1 of a vector": _of("Flatten", start_dim=2)(np.zeros(2)),
            "1 of a number": _of("Flatten")(np.array(0.5)),
        },
    )
    return rows | _sequential()


def _sequential() -> dict:
    def pair(s):
        return s.nn.Sequential(s.nn.ReLU(), s.nn.Tanh())

    def replace(index, layer=None):
        return lambda s: pair(s).__setitem__(index, layer or s.nn.ReLU())

    rows = table(
        "Sequential",
        "module",
        {
            "a number": lambda s: s.nn.Sequential(1),
            "a list of layers": lambda s: s.nn.Sequential([s.nn.ReLU()]),
            "a dict of layers": lambda s: s.nn.Sequential({"a": s.nn.ReLU()}),
            "a class": lambda s: s.nn.Sequential(s.nn.ReLU),
            "a function": lambda s: s.nn.Sequential(len),
            "appended": lambda s: pair(s).append(3),
            "extended by": lambda s: pair(s).extend([3]),
            "put in a place": replace(0, 3),
        },
    )
    rows |= table(
        "Sequential",
        "name",
        {
            f"{name!r}": lambda s, name=name: s.nn.Sequential(
                OrderedDict({name: s.nn.ReLU()})
            )
            for name in ("a.b", "", 1, "forward", "training")
        },
    )
    for index in (2, -3, "a", 1.5, None):
        rows |= table(
            "Sequential",
            "index",
            {
                f"of {index!r}": lambda s, i=index: pair(s)[i],
                f"setting {index!r}": replace(index),
                f"deleting {index!r}": lambda s, i=index: pair(s).__delitem__(i),
                f"popping {index!r}": lambda s, i=index: pair(s).pop(i),
            },
        )
    for index in (3, -3, "a"):
        rows[f"Sequential, index: inserting {index!r}"] = (
            "index",
            lambda s, i=index: pair(s).insert(i, s.nn.ReLU()),
        )
    return rows


def _elementwise_losses() -> dict:
    rows = {}
    for name in ("MSELoss", "L1Loss", "BCELoss", "BCEWithLogitsLoss"):
        loss = _of(name)
        rows |= table(
            name,
            "reduction",
            {
                f"{r!r}": _of(name, reduction=r)(ONE, ONE)
                for r in ("bogus", "Mean", "", None, 1)
            },
        )
        rows |= table(
            name,
            "target",
            {
                "missing": loss(ONE),
                "of another shape": loss(ONE, np.full(4, 0.5)),
                "turned": loss(ROWS, ROWS.T),
            },
        )
        rows[f"{name}: unknown option"] = (
            "bogus",
            lambda s, name=name: getattr(s.nn, name)(bogus=1),
        )
    for name in ("BCELoss", "BCEWithLogitsLoss"):
        rows |= table(
            name,
            "target",
            {
                "of a shape to broadcast": _of(name)(ONE, np.full(1, 0.5)),
                "of another number of dimensions": _of(name)(ROWS, ONE[:2]),
            },
        )
    rows |= table(
        "BCELoss",
        "target",
        {
            "above 1": _of("BCELoss")(ONE, ONE + 1),
            "below 0": _of("BCELoss")(ONE, ONE - 1),
            "NaN": _of("BCELoss")(ONE, ONE * np.nan),
            "of integers": _of("BCELoss")(ONE, np.array([0, 1, 1])),
            "of another dtype": lambda s: s.nn.BCELoss()(s(ONE), s(ONE, np.float64)),
        },
    )
    rows |= table(
        "BCELoss",
        "input",
        {
            "above 1": _of("BCELoss")(ONE + 1, ONE),
            "below 0": _of("BCELoss")(ONE - 1, ONE),
            "NaN": _of("BCELoss")(ONE * np.nan, ONE),
        },
    )
    for name, option in (
        ("BCELoss", "weight"),
        ("BCEWithLogitsLoss", "weight"),
        ("BCEWithLogitsLoss", "pos_weight"),
    ):

        def with_weight(values, name=name, option=option):
            return lambda s: getattr(s.nn, name)(
                **{option: s(values) if isinstance(values, np.ndarray) else values}
            )(s(ONE), s(ONE))

        rows |= table(
            name,
            option,
            {
                "a list": with_weight([1.0, 2.0, 3.0]),
                "a number": with_weight(2.0),
                "a str": with_weight("a"),
                "of another shape": with_weight(np.ones(4)),
                "of more dimensions": with_weight(np.ones((2, 3))),
                "a column": with_weight(np.ones((3, 1))),
            },
        )
    return rows


def _class_losses() -> dict:
    rows = {}
    good = np.array([0, 1, 1])
    boxes = np.full((3, 2, 4), 0.5)
    for name in ("NLLLoss", "CrossEntropyLoss"):
        loss = _of(name)
        rows |= table(
            name,
            "reduction",
            {
                f"{r!r}": _of(name, reduction=r)(ROWS, good)
                for r in ("bogus", "", None, 1)
            },
        )
        rows |= table(
            name,
            "target",
            {
                "too large": loss(ROWS, np.array([0, 1, 2])),
                "negative": loss(ROWS, np.array([0, 1, -1])),
                "of fewer samples": loss(ROWS, np.array([0, 1])),
                "a single number": loss(ROWS, np.array(1)),
                "a column": loss(ROWS, good[:, None]),
                "of two for one sample": loss(np.full(3, 0.5), np.array([0, 1])),
                "not in each place": loss(boxes, good),
                "of other places": loss(boxes, np.zeros((3, 5), int)),
                "of other samples, in places": loss(boxes, np.zeros((2, 4), int)),
                "of too few dimensions": loss(boxes[..., None], np.zeros((3, 4), int)),
                "int32": loss(ROWS, good.astype(np.int32)),
                "int8": loss(ROWS, good.astype(np.int8)),
                "bool": loss(ROWS, good.astype(bool)),
                "float": loss(ROWS, good.astype(float)),
                "integers like the input": loss(ROWS, np.zeros((3, 2), int)),
                "probabilities of other classes": loss(ROWS, np.full((3, 4), 0.5)),
                **{f"a {kind}": loss(ROWS, value) for kind, value in NO_ARRAY.items()},
            },
        )
        rows |= table(
            name,
            "input",
            {
                "of integers": loss(np.zeros((3, 2), int), good),
                "of complex numbers": loss(ROWS * 1j, good),
                **{f"a {kind}": loss(value, good) for kind, value in NO_ARRAY.items()},
            },
        )

        def with_weight(values, dtype=None, name=name):
            return lambda s: getattr(s.nn, name)(
                weight=s(values, dtype) if isinstance(values, np.ndarray) else values
            )(s(ROWS), s(good))

        rows |= table(
            name,
            "weight",
            {
                "a list": with_weight([1.0, 2.0]),
                "a number": with_weight(2.0),
                "for other classes": with_weight(np.ones(3)),
                "for one class": with_weight(np.ones(1)),
                "a matrix": with_weight(np.ones((2, 2))),
                "of no dimension": with_weight(np.array(1.0)),
                "of another dtype": with_weight(np.ones(2), np.float64),
                "of integers": with_weight(np.array([1, 2])),
            },
        )
        rows |= table(
            name,
            "ignore_index",
            {
                f"{value!r}": _of(name, ignore_index=value)(ROWS, good)
                for value in ("a", None, 1.5, True)
            },
        )
    number = np.array(0.5)
    rows |= table("NLLLoss", "input", {"a number": _of("NLLLoss")(number, good[:1])})
    cross_entropy = _of("CrossEntropyLoss")
    rows |= table(
        "CrossEntropyLoss",
        "input",
        {
            "a number, target too": cross_entropy(number, number),
            "a number": cross_entropy(number, good[:1]),
        },
    )
    for target in (good, ROWS):
        rows |= table(
            "CrossEntropyLoss",
            "label_smoothing",
            {
                f"{value!r} of {target.ndim}-d targets": _of(
                    "CrossEntropyLoss", label_smoothing=value
                )(ROWS, target)
                for value in (1.1, "a", None)
            },
        )
    rows |= table(
        "CrossEntropyLoss",
        "ignore_index",
        {
            f"{value!r} of probabilities": _of("CrossEntropyLoss", ignore_index=value)(
                ROWS, ROWS
            )
            for value in (1, "a")
        },
    )
    return rows


# What can be called without options, on rows or images.
ACTIVATIONS = (
    *("CELU", "ELU", "GELU", "GLU", "Hardshrink", "Hardsigmoid", "Hardswish"),
    *("Hardtanh", "LogSigmoid", "Mish", "PReLU", "RReLU", "ReLU6", "SELU", "SiLU"),
    *("Softplus", "Softshrink", "Softsign", "Tanhshrink"),
)


def _activations() -> dict:
    rows = {}
    for name in ACTIVATIONS:
        rows[f"{name}, forward: too many inputs"] = ("forward", _of(name)(ROWS, ROWS))
        rows[f"{name}, forward: no input"] = ("forward", _of(name)())
        if name not in ("LogSigmoid", "Softsign", "Tanhshrink"):  # have no options
            rows[f"{name}, bogus: unknown option"] = ("bogus", _of(name, bogus=1)(ROWS))
    for name in ACTIVATIONS:
        if name in ("Softsign", "Tanhshrink", "PReLU", "GLU"):
            continue
        wrong = {f"a {kind}": _of(name)(value) for kind, value in NO_ARRAY.items()}
        rows |= table(name, "input", wrong)

    options = {
        ("Threshold", "threshold"): {"value": 1.0},
        ("Threshold", "value"): {"threshold": 1.0},
        ("ELU", "alpha"): {},
        ("CELU", "alpha"): {},
        ("Hardshrink", "lambd"): {},
        ("Softshrink", "lambd"): {},
        ("Softplus", "beta"): {},
        ("Softplus", "threshold"): {},
        ("RReLU", "lower"): {},
        ("RReLU", "upper"): {},
        ("Hardtanh", "min_val"): {},
        ("Hardtanh", "max_val"): {},
        ("GELU", "approximate"): {},
        ("GLU", "dim"): {},
    }
    for (name, option), others in options.items():
        wrong = {
            f"{value!r}": _of(name, **others, **{option: value})(ROWS)
            for value in (None, [0.5])
            if not (option == "dim" and value is None)
        }
        rows |= table(name, option, wrong)
    rows |= table(
        "Threshold",
        "value",
        {"missing": lambda s: s.nn.Threshold(0.5), "a str": _of_threshold("a")},
    )
    rows |= table("CELU", "alpha", {"0": _of("CELU", alpha=0)(ROWS)})
    rows |= table(
        "GELU",
        "approximate",
        {f"{a!r}": _of("GELU", approximate=a)(ROWS) for a in ("erf", "Tanh", "")},
    )
    rows |= table(
        "GLU",
        "input",
        {
            "a number": _of("GLU")(np.array(0.5)),
            "odd": _of("GLU", dim=0)(ROWS),
        },
    )
    rows |= table("GLU", "dim", {f"{d}": _of("GLU", dim=d)(ROWS) for d in (2, -3)})
    rows |= table(
        "Hardtanh",
        "max_val",
        {
            "below min_val": _of("Hardtanh", min_val=2.0)(ROWS),
            "equal to min_val": _of("Hardtanh", min_val=1)(ROWS),
        },
    )
    rows |= table(
        "RReLU",
        "lower",
        {
            "above upper": _of("RReLU", lower=0.5, upper=0.1)(ROWS),
            "NaN": _of("RReLU", lower=np.nan)(ROWS),
            "infinite": _of("RReLU", lower=-np.inf)(ROWS),
        },
    )
    rows |= table("RReLU", "upper", {"inf": _of("RReLU", upper=np.inf)(ROWS)})
    rows |= table(
        "Softshrink",
        "lambd",
        {f"{v}": _of("Softshrink", lambd=v)(ROWS) for v in (-0.1, np.nan)},
    )
    rows |= table(
        "PReLU",
        "num_parameters",
        {
            "negative": lambda s: s.nn.PReLU(-1),
            "a fraction": lambda s: s.nn.PReLU(1.5),
            "a str": lambda s: s.nn.PReLU("a"),
            "of other channels": _of("PReLU", num_parameters=3)(ROWS),
            "2 of a number": _of("PReLU", num_parameters=2)(np.array(0.5)),
            "2 of a row": _of("PReLU", num_parameters=2)(ONE),
        },
    )
    rows |= table("PReLU", "init", {"a str": lambda s: s.nn.PReLU(1, "a")})
    rows |= table(
        "PReLU",
        "input",
        {"of another dtype": lambda s: s.nn.PReLU()(s(ROWS, np.float64))},
    )
    for value in ("a", 1.5, True, 2, -3):
        rows |= table("Softmin", "dim", {f"{value!r}": _of("Softmin", dim=value)(ROWS)})
    rows |= table(
        "Softmax2d",
        "input",
        {f"{n} dimensions": _of("Softmax2d")(np.ones((1,) * n)) for n in (0, 2, 5)},
    )
    return rows


def _of_threshold(value):
    return lambda s: s.nn.Threshold(0.5, value)(s(ROWS))


DROPOUTS = (
    "Dropout1d",
    "Dropout2d",
    "Dropout3d",
    "AlphaDropout",
    "FeatureAlphaDropout",
)


def _dropouts() -> dict:
    rows = {}
    for name in DROPOUTS:
        rows |= table(
            name,
            "p",
            {
                f"{value!r}": (lambda s, n=name, p=value: getattr(s.nn, n)(p))
                for value in (-0.1, 1.1, np.inf, "a", None, [0.5], 1j)
            },
        )
    rows |= table(
        "Dropout1d",
        "input",
        {f"{n} dimensions": _of("Dropout1d")(np.ones((2,) * n)) for n in (0, 1, 4)},
    )
    few = {f"{n} dimensions": np.ones((2,) * n) for n in (0, 1)}
    for name in ("Dropout2d", "FeatureAlphaDropout"):
        rows |= table(name, "input", {k: _of(name)(x) for k, x in few.items()})
    return rows


def _other_losses() -> dict:
    rows = {}
    three = np.full(3, 0.5)
    positive = {"GaussianNLLLoss": (three,)}
    pairs = (
        *("HuberLoss", "SmoothL1Loss", "KLDivLoss", "PoissonNLLLoss"),
        *("SoftMarginLoss", "HingeEmbeddingLoss", "MultiLabelSoftMarginLoss"),
        "GaussianNLLLoss",
    )
    for name in pairs:
        more = positive.get(name, ())
        rows |= table(
            name,
            "reduction",
            {
                f"{r!r}": _of(name, reduction=r)(ONE, ONE, *more)
                for r in ("bogus", "Mean", "")
            },
        )
        wrong = {"missing": _of(name)(ONE)}
        if name != "MultiLabelSoftMarginLoss":
            wrong["of another shape"] = _of(name)(ONE, np.full(4, 0.5), *more)
        rows |= table(name, "target", wrong)
    options = {
        ("HuberLoss", "delta"): ("a", None, 0.0, -1.0),
        ("SmoothL1Loss", "beta"): ("a", None, -0.5),
        ("PoissonNLLLoss", "eps"): ("a", None),
        ("HingeEmbeddingLoss", "margin"): ("a", None),
    }
    for (name, option), values in options.items():
        rows |= table(
            name,
            option,
            {f"{v!r}": _of(name, **{option: v})(ONE, ONE) for v in values},
        )
    gaussian = _of("GaussianNLLLoss")
    rows |= table(
        "GaussianNLLLoss",
        "var",
        {
            "missing": gaussian(ONE, ONE),
            "negative": gaussian(ONE, ONE, -ONE),
            "a negative float": gaussian(ONE, ONE, -1.0),
            "an int": gaussian(ONE, ONE, 1),
            "of another shape": gaussian(ONE, ONE, np.ones(2)),
            "of two other sizes": gaussian(ROWS, ROWS, np.ones((1, 1))),
            "a row for a matrix": gaussian(ROWS, ROWS, np.ones(2)),
        },
    )
    rows |= table("GaussianNLLLoss", "eps", {"a str": _of_eps("a")})
    return rows | _margins() | _embeddings()


def _of_eps(eps):
    return lambda s: s.nn.GaussianNLLLoss(eps=eps)(s(ONE), s(ONE), s(ONE))


def _margins() -> dict:
    rows, good = {}, np.array([0, 1, 1])
    several = np.array([[0, -1], [1, 0], [-1, 0]])
    for name, target in (("MultiMarginLoss", good), ("MultiLabelMarginLoss", several)):
        loss = _of(name)
        rows |= table(
            name,
            "reduction",
            {
                f"{r!r}": _of(name, reduction=r)(ROWS, target)
                for r in ("bogus", "", None)
            },
        )
        rows |= table(
            name,
            "target",
            {
                "too large": loss(ROWS, target + 1),
                "too small": loss(ROWS, target - 2),
                "of fewer samples": loss(ROWS, target[:2]),
                "of floats": loss(ROWS, target.astype(float)),
                "of int32": loss(ROWS, target.astype(np.int32)),
                "missing": loss(ROWS),
            },
        )
        rows |= table(
            name,
            "input",
            {
                "of three dimensions": loss(np.ones((3, 2, 2)), target),
                "without classes": loss(np.ones((3, 0)), target),
            },
        )

    def weighted(weight, dtype=None):
        return lambda s: s.nn.MultiMarginLoss(weight=s(weight, dtype))(s(ROWS), s(good))

    rows |= table(
        "MultiMarginLoss",
        "weight",
        {
            "for other classes": weighted(np.ones(3)),
            "a matrix": weighted(np.ones((2, 2))),
            "of another dtype": weighted(np.ones(2), np.float64),
        },
    )
    rows |= table(
        "MultiMarginLoss",
        "p",
        {f"{p!r}": _of("MultiMarginLoss", p=p)(ROWS, good) for p in (0, 3, 1.5, "a")},
    )
    return rows


def _embeddings() -> dict:
    rows = {}
    ranking, cosine = _of("MarginRankingLoss"), _of("CosineEmbeddingLoss")
    triplet = _of("TripletMarginLoss")
    for name, inputs in (
        ("MarginRankingLoss", (ONE, ONE, ONE)),
        ("CosineEmbeddingLoss", (ROWS, ROWS, ONE)),
        ("TripletMarginLoss", (ROWS, ROWS, ROWS)),
    ):
        rows |= table(
            name,
            "reduction",
            {f"{r!r}": _of(name, reduction=r)(*inputs) for r in ("bogus", "", None)},
        )
        rows |= table(name, "margin", {"a str": _of(name, margin="a")(*inputs)})
    rows |= table(
        "MarginRankingLoss",
        "input2",
        {
            "of more dimensions": ranking(ONE, ROWS, ONE),
            "of another shape": ranking(ONE, np.ones(4), ONE),
        },
    )
    rows |= table(
        "MarginRankingLoss", "target", {"a number": ranking(ONE, ONE, np.array(1.0))}
    )
    rows |= table(
        "CosineEmbeddingLoss",
        "target",
        {
            "a matrix": cosine(ROWS, ROWS, ROWS),
            "of other samples": cosine(ROWS, ROWS, np.ones(2)),
        },
    )
    rows |= table(
        "CosineEmbeddingLoss",
        "input2",
        {
            "of fewer dimensions": cosine(ROWS, ONE[:2], ONE),
            "of other features": cosine(ROWS, np.ones((3, 5)), ONE),
        },
    )
    rows |= table(
        "CosineEmbeddingLoss", "input1", {"a row": cosine(ONE[:2], ROWS, ONE)}
    )
    rows |= table(
        "TripletMarginLoss",
        "negative",
        {
            "of fewer dimensions": triplet(ROWS, ROWS, ONE),
            "of other features": triplet(ROWS, ROWS, np.ones((3, 5))),
        },
    )
    rows |= table(
        "TripletMarginLoss",
        "margin",
        {f"{m}": lambda s, m=m: s.nn.TripletMarginLoss(margin=m) for m in (0, -1.0)},
    )
    return rows


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
        rows |= _refusals(name, conv, calls)
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
        rows |= _refusals(name, pool, calls)
    rows |= _refusals(
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
        rows |= _refusals(name, adaptive, calls)
    return rows


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
        rows |= _refusals(name, batch_norm, calls)
    for name in "LayerNorm", "RMSNorm":

        def norm(x=flat, name=name, shape=4):
            return lambda s: getattr(s.nn, name)(shape)(s(x))

        calls = {
            "normalized_shape": [{"shape": 4.0}, {"shape": -4}, {"shape": (2, 4.0)}],
            "input": [{"shape": 3}, {"shape": (3, 3)}, {"shape": (1, 3, 4)}],
        }
        calls["input"] += [{"x": flat.astype(int)}, {"shape": ()}]
        rows |= _refusals(name, norm, calls)
    rows |= _refusals(
        "GroupNorm",
        lambda x=flat, groups=2, count=4: lambda s: s.nn.GroupNorm(groups, count)(s(x)),
        {
            "num_groups": [{"groups": 3}],
            "num_channels": [{"groups": 1, "count": "4"}],
            "input": [{"count": 2}, {"x": flat[0]}, {"x": flat[:1, :2], "count": 2}],
        },
    )
    return rows


def _refusals(name, call, wrong: dict) -> dict:
    """Rows for `call(**options)` with each of the wrong options of an argument."""
    return {
        f"{name}, {argument}: {number}": (argument, call(**options))
        for argument, several in wrong.items()
        for number, options in enumerate(several)
    }


def _gradients() -> dict:
    """Upstream gradients that do not have the shape of the output."""
    rows = {}
    modules = {
        "Identity": {},
        "Flatten": {"start_dim": 0},
        "Linear": {"in_features": 2, "out_features": 2},
        "ReLU": {},
        "LeakyReLU": {},
        "Sigmoid": {},
        "Tanh": {},
        "Softmax": {"dim": 0},
        "LogSoftmax": {"dim": 0},
        "Dropout": {},
        "Sequential": {},
    }
    for name, options in modules.items():
        rows |= table(
            name,
            "gradient",
            {
                f"of shape {shape}": lambda s, name=name, o=options, shape=shape: (
                    s.backward(
                        getattr(s.nn, name)(**o)(s.prediction(ROWS)), np.ones(shape)
                    )
                )
                for shape in ((2, 3), (3, 1), (1,), (7,), ())
            },
        )
    losses = dict.fromkeys(("MSELoss", "L1Loss", "BCELoss", "BCEWithLogitsLoss"), ROWS)
    losses |= dict.fromkeys(("NLLLoss", "CrossEntropyLoss"), np.array([0, 1, 1]))
    for name, target in losses.items():
        for reduction, shapes in (
            ("none", (None, (4,), (1,), (), (2, 3))),
            ("mean", ((3,), (1,), (3, 2))),
        ):
            rows |= table(
                name,
                "gradient",
                {
                    f"of shape {shape} for {reduction}": (
                        lambda s, name=name, r=reduction, t=target, shape=shape: (
                            s.backward(
                                getattr(s.nn, name)(reduction=r)(
                                    s.prediction(ROWS), s(t)
                                ),
                                None if shape is None else np.ones(shape),
                            )
                        )
                    )
                    for shape in shapes
                },
            )
    return rows


def _sequences() -> dict:
    ones = np.ones((5, 2, 3))
    states = np.ones((1, 2, 4)), np.ones((1, 2, 5))
    rows = table(
        "Embedding",
        "input",
        {
            "too large": _of("Embedding", num_embeddings=3, embedding_dim=2)(
                np.array([0, 3])
            ),
            "negative": _of("Embedding", num_embeddings=3, embedding_dim=2)(
                np.array([-1])
            ),
            "floats": _of("Embedding", num_embeddings=3, embedding_dim=2)(ONE),
        },
    )
    rows["Embedding, padding_idx: too large"] = (
        "padding_idx",
        lambda s: s.nn.Embedding(3, 2, padding_idx=3),
    )
    for name in ("RNN", "GRU", "LSTM"):
        layer = _of(name, input_size=3, hidden_size=4)
        wrong = {"features": ones[..., :2], "dimensions": ones[0, 0]}
        wrong |= {"no steps": ones[:0], "integers": np.ones((5, 2, 3), int)}
        rows |= table(name, "input", {k: layer(x) for k, x in wrong.items()})
        first = states if name == "LSTM" else states[1]
        rows[f"{name}, hx: of another size"] = (
            "hx",
            lambda s, name=name, first=first: getattr(s.nn, name)(3, 4)(
                s(ones), tuple(map(s, first)) if name == "LSTM" else s(first)
            ),
        )
        for option, value in {
            "hidden_size": 0,
            "num_layers": 0,
            "bias": 1,
            "batch_first": "a",
            "dropout": 1.5,
        }.items():
            options = {"input_size": 3, "hidden_size": 4, option: value}
            call = _of(name, **options)(ones)
            rows[f"{name}, {option}: {value!r}"] = (option, call)
        cell = _of(f"{name}Cell", input_size=3, hidden_size=4)
        wrong = {"features": ones[0, :, :2], "dimensions": ones}
        rows |= table(f"{name}Cell", "input", {k: cell(x) for k, x in wrong.items()})
    rows["RNN, nonlinearity: unknown"] = (
        "nonlinearity",
        lambda s: s.nn.RNN(3, 4, nonlinearity="gelu"),
    )
    attend = _of("MultiheadAttention", embed_dim=3, num_heads=1)
    mask = np.zeros((5, 4), bool)
    rows["MultiheadAttention, query: features"] = (
        "query",
        attend(ones[..., :2], ones, ones),
    )
    rows["MultiheadAttention, value: steps"] = ("value", attend(ones, ones, ones[:4]))
    rows["MultiheadAttention, num_heads: no divisor"] = (
        "num_heads",
        lambda s: s.nn.MultiheadAttention(4, 3),
    )
    rows["MultiheadAttention, attn_mask: shape"] = (
        "attn_mask",
        lambda s: s.nn.MultiheadAttention(3, 1)(*[s(ones)] * 3, None, True, s(mask)),
    )
    rows["MultiheadAttention, key_padding_mask: shape"] = (
        "key_padding_mask",
        lambda s: s.nn.MultiheadAttention(3, 1)(*[s(ones)] * 3, s(mask)),
    )
    rows["TransformerEncoderLayer, activation: unknown"] = (
        "activation",
        lambda s: s.nn.TransformerEncoderLayer(4, 2, activation="tanh"),
    )
    rows["TransformerEncoder, num_layers: a fraction"] = (
        "num_layers",
        lambda s: s.nn.TransformerEncoder(
            s.nn.TransformerEncoderLayer(4, 2), 1.5, enable_nested_tensor=False
        ),
    )
    return rows


REFUSED = (
    _layers()
    | _sequences()
    | _activations()
    | _dropouts()
    | _elementwise_losses()
    | _class_losses()
    | _other_losses()
    | _windows()
    | _norms()
    | _gradients()
)


def _duck_typing() -> dict:
    """PyTorch's own code fails here before any check of an argument is reached."""
    rows = {}
    for kind, value in NO_ARRAY.items():
        for name, options in (
            ("Softmax", {"dim": 0}),
            ("LogSoftmax", {"dim": 0}),
            ("Flatten", {}),
        ):
            rows |= table(name, "input", {f"a {kind}": _of(name, **options)(value)})
        for name in ("MSELoss", "L1Loss", "BCELoss", "BCEWithLogitsLoss"):
            rows |= table(name, "input", {f"a {kind}": _of(name)(value, ONE)})
            rows |= table(name, "target", {f"a {kind}": _of(name)(ONE, value)})
    rows["Sequential, module: a number inserted"] = (
        "module",
        lambda s: s.nn.Sequential(s.nn.ReLU()).insert(0, 3),
    )
    return rows


DUCK_TYPING = _duck_typing()


def _stricter() -> dict:
    """Calls that PyTorch accepts; the exception that scratch raises, and the word."""
    rows = {}

    # Integers would have to become floating numbers of some dtype.
    for name in ("ReLU", "Sigmoid", "Tanh"):
        rows[f"{name} of integers"] = (RuntimeError, "input", _of(name)(np.arange(3)))
    for p in (0.0, 1.0):
        call = _of("Dropout", p=p)(np.arange(3))
        rows[f"Dropout({p}) of integers"] = (RuntimeError, "input", call)

    # One dtype for everything: PyTorch would choose the wider one.
    for name in ("MSELoss", "L1Loss", "BCEWithLogitsLoss"):
        rows[f"{name} of two dtypes"] = (
            RuntimeError,
            "target",
            lambda s, name=name: getattr(s.nn, name)()(s(ONE), s(ONE, np.float64)),
        )
    rows["CrossEntropyLoss of two dtypes"] = (
        RuntimeError,
        "target",
        lambda s: s.nn.CrossEntropyLoss()(s(ROWS), s(ROWS, np.float64)),
    )
    for name, option in (
        ("BCELoss", "weight"),
        ("BCEWithLogitsLoss", "weight"),
        ("BCEWithLogitsLoss", "pos_weight"),
    ):
        rows[f"{name}, {option} of another dtype"] = (
            RuntimeError,
            option,
            lambda s, name=name, option=option: getattr(s.nn, name)(
                **{option: s(ONE, np.float64)}
            )(s(ONE), s(ONE)),
        )

    # Mistakes that PyTorch finds late or not at all.
    rows["Linear(True, 3)"] = (TypeError, "in_features", lambda s: s.nn.Linear(True, 3))
    rows["Dropout(nan)"] = (ValueError, "p", lambda s: s.nn.Dropout(np.nan))
    rows["Sequential(None)"] = (TypeError, "module", lambda s: s.nn.Sequential(None))
    rows["a single target in a list of one"] = (
        RuntimeError,
        "target",
        lambda s: s.nn.NLLLoss()(s(ONE), s([1])),
    )
    for value in (-0.1, np.nan):
        rows[f"label_smoothing={value}"] = (
            RuntimeError,
            "label_smoothing",
            _of("CrossEntropyLoss", label_smoothing=value)(ROWS, np.array([0, 1, 1])),
        )

    # A name that PyTorch gave up in 2018.
    rows["reduction='elementwise_mean'"] = (
        ValueError,
        "reduction",
        _of("MSELoss", reduction="elementwise_mean")(ONE, ONE),
    )
    return rows


STRICTER = _stricter()


def assert_says(error, argument):
    """The message names the argument, as a word of its own."""
    words = "".join(c if c.isalnum() or c == "_" else " " for c in str(error)).split()
    assert argument in words, f"{argument!r} is not in: {error}"


@pytest.mark.parametrize("name", REFUSED)
def test_what_pytorch_refuses_is_refused_with_the_same_class(name):
    """Else: code that catches PyTorch's error does not catch ours, or goes wrong."""
    argument, call = REFUSED[name]
    with pytest.raises(Exception) as theirs:
        call(TORCH)
    with pytest.raises(Exception) as mine:
        call(SCRATCH)
    assert mine.type is not Exception
    assert issubclass(theirs.type, mine.type) or issubclass(mine.type, theirs.type)
    assert_says(mine.value, argument)


@pytest.mark.parametrize("name", DUCK_TYPING)
def test_a_type_error_where_pytorch_fails_by_accident(name):
    """Else: what is no array gets as far as an operation that means something else."""
    argument, call = DUCK_TYPING[name]
    with pytest.raises((AttributeError, AssertionError)):
        call(TORCH)
    with pytest.raises(TypeError) as mine:
        call(SCRATCH)
    assert_says(mine.value, argument)


@pytest.mark.parametrize("name", STRICTER)
def test_scratch_is_stricter_only_where_it_says_so(name):
    """Else: a difference from PyTorch is gone, or another, and nobody knows."""
    error, argument, call = STRICTER[name]
    call(TORCH)
    with pytest.raises(error) as mine:
        call(SCRATCH)
    assert_says(mine.value, argument)


def test_every_layer_and_loss_is_in_the_table():
    """Else: a new one is never called with a bad argument."""
    tested = {name.partition(",")[0].partition(":")[0] for name in REFUSED}
    modules = {n.partition(".")[2] for n, c in concepts().items() if c.family == "nn"}
    assert modules - tested == set()
