"""Activations."""

import numpy as np

from .spec import NO_ARRAY, ONE, ROWS, of, table

# What can be called without options, on rows or images.
ACTIVATIONS = (
    *("CELU", "ELU", "GELU", "GLU", "Hardshrink", "Hardsigmoid", "Hardswish"),
    *("Hardtanh", "LogSigmoid", "Mish", "PReLU", "RReLU", "ReLU6", "SELU", "SiLU"),
    *("Softplus", "Softshrink", "Softsign", "Tanhshrink"),
)


def _activations() -> dict:
    rows = {}
    for name in ACTIVATIONS:
        rows[f"{name}, forward: too many inputs"] = ("forward", of(name)(ROWS, ROWS))
        rows[f"{name}, forward: no input"] = ("forward", of(name)())
        if name not in ("LogSigmoid", "Softsign", "Tanhshrink"):  # have no options
            rows[f"{name}, bogus: unknown option"] = ("bogus", of(name, bogus=1)(ROWS))
    for name in ACTIVATIONS:
        if name in ("Softsign", "Tanhshrink", "PReLU", "GLU"):
            continue
        wrong = {f"a {kind}": of(name)(value) for kind, value in NO_ARRAY.items()}
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
            f"{value!r}": of(name, **others, **{option: value})(ROWS)
            for value in (None, [0.5])
            if not (option == "dim" and value is None)
        }
        rows |= table(name, option, wrong)
    rows |= table(
        "Threshold",
        "value",
        {"missing": lambda s: s.nn.Threshold(0.5), "a str": _of_threshold("a")},
    )
    rows |= table("CELU", "alpha", {"0": of("CELU", alpha=0)(ROWS)})
    rows |= table(
        "GELU",
        "approximate",
        {f"{a!r}": of("GELU", approximate=a)(ROWS) for a in ("erf", "Tanh", "")},
    )
    rows |= table(
        "GLU",
        "input",
        {
            "a number": of("GLU")(np.array(0.5)),
            "odd": of("GLU", dim=0)(ROWS),
        },
    )
    rows |= table("GLU", "dim", {f"{d}": of("GLU", dim=d)(ROWS) for d in (2, -3)})
    rows |= table(
        "Hardtanh",
        "max_val",
        {
            "below min_val": of("Hardtanh", min_val=2.0)(ROWS),
            "equal to min_val": of("Hardtanh", min_val=1)(ROWS),
        },
    )
    rows |= table(
        "RReLU",
        "lower",
        {
            "above upper": of("RReLU", lower=0.5, upper=0.1)(ROWS),
            "NaN": of("RReLU", lower=np.nan)(ROWS),
            "infinite": of("RReLU", lower=-np.inf)(ROWS),
        },
    )
    rows |= table("RReLU", "upper", {"inf": of("RReLU", upper=np.inf)(ROWS)})
    rows |= table(
        "Softshrink",
        "lambd",
        {f"{v}": of("Softshrink", lambd=v)(ROWS) for v in (-0.1, np.nan)},
    )
    rows |= table(
        "PReLU",
        "num_parameters",
        {
            "negative": lambda s: s.nn.PReLU(-1),
            "a fraction": lambda s: s.nn.PReLU(1.5),
            "a str": lambda s: s.nn.PReLU("a"),
            "of other channels": of("PReLU", num_parameters=3)(ROWS),
            "2 of a number": of("PReLU", num_parameters=2)(np.array(0.5)),
            "2 of a row": of("PReLU", num_parameters=2)(ONE),
        },
    )
    rows |= table("PReLU", "init", {"a str": lambda s: s.nn.PReLU(1, "a")})
    rows |= table(
        "PReLU",
        "input",
        {"of another dtype": lambda s: s.nn.PReLU()(s(ROWS, np.float64))},
    )
    for value in ("a", 1.5, True, 2, -3):
        rows |= table("Softmin", "dim", {f"{value!r}": of("Softmin", dim=value)(ROWS)})
    rows |= table(
        "Softmax2d",
        "input",
        {f"{n} dimensions": of("Softmax2d")(np.ones((1,) * n)) for n in (0, 2, 5)},
    )
    return rows


def _of_threshold(value):
    return lambda s: s.nn.Threshold(0.5, value)(s(ROWS))


REFUSED = _activations()
