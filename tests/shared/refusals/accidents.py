"""Where the two sides refuse for different reasons, or only one does."""

import numpy as np

from . import packed
from .spec import NO_ARRAY, ONE, ROWS, of, table


def _duck_typing() -> dict:
    """PyTorch's own code fails here before any check of an argument is reached."""
    rows = {}
    for kind, value in NO_ARRAY.items():
        for name, options in (
            ("Softmax", {"dim": 0}),
            ("LogSoftmax", {"dim": 0}),
            ("Flatten", {}),
        ):
            rows |= table(name, "input", {f"a {kind}": of(name, **options)(value)})
        for name in ("MSELoss", "L1Loss", "BCELoss", "BCEWithLogitsLoss"):
            rows |= table(name, "input", {f"a {kind}": of(name)(value, ONE)})
            rows |= table(name, "target", {f"a {kind}": of(name)(ONE, value)})
    rows["Sequential, module: a number inserted"] = (
        "module",
        lambda s: s.nn.Sequential(s.nn.ReLU()).insert(0, 3),
    )
    return rows


DUCK_TYPING = _duck_typing() | packed.DUCK_TYPING


def _stricter() -> dict:
    """Calls that PyTorch accepts; the exception that scratch raises, and the word."""
    rows = {}

    # Integers would have to become floating numbers of some dtype.
    for name in ("ReLU", "Sigmoid", "Tanh"):
        rows[f"{name} of integers"] = (RuntimeError, "input", of(name)(np.arange(3)))
    for p in (0.0, 1.0):
        call = of("Dropout", p=p)(np.arange(3))
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
            of("CrossEntropyLoss", label_smoothing=value)(ROWS, np.array([0, 1, 1])),
        )

    # Padding for other dimensions than those in the name; and a wrapped border of which
    # PyTorch leaves a part as it finds it in memory: torch_defects/test_padding.py.
    rows["ZeroPad2d along one dimension"] = (
        RuntimeError,
        "padding",
        lambda s: s.nn.ZeroPad2d((1, 1))(s(ROWS)),
    )
    rows["CircularPad1d of more than negative padding leaves"] = (
        RuntimeError,
        "padding",
        lambda s: s.nn.CircularPad1d((4, -3))(s(np.ones((2, 3, 5)))),
    )

    # Adaptive average pooling under another name.
    rows["Upsample(mode='area')"] = (
        NotImplementedError,
        "mode",
        lambda s: s.nn.Upsample(2, mode="area")(s(np.ones((1, 1, 4)))),
    )

    # A name that PyTorch gave up in 2018.
    rows["reduction='elementwise_mean'"] = (
        ValueError,
        "reduction",
        of("MSELoss", reduction="elementwise_mean")(ONE, ONE),
    )
    return rows


STRICTER = _stricter() | packed.STRICTER
