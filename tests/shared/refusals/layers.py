"""Linear, Flatten, Softmax and containers."""

from collections import OrderedDict

import numpy as np

from .spec import NO_ARRAY, NO_FLOATS, ROWS, of, table


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
    linear = of("Linear", in_features=2, out_features=3)
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
        wrong = {f"a {kind}": of(name)(value) for kind, value in NO_ARRAY.items()}
        rows |= table(name, "input", wrong)
        rows[f"{name}: too many inputs"] = ("forward", of(name)(ROWS, ROWS))
        rows[f"{name}: no input"] = ("forward", of(name)())
    for name, option in (("LeakyReLU", {}), ("Softmax", {"dim": 0}), ("Dropout", {})):
        kinds = set(NO_FLOATS) - ({"complex"} if name == "Dropout" else set())
        wrong = {k: of(name, **option)(np.array(NO_FLOATS[k])) for k in kinds}
        rows |= table(name, "input", {f"dtype {k}": wrong[k] for k in sorted(wrong)})
    rows |= table(
        "LeakyReLU",
        "negative_slope",
        {
            f"{value!r}": of("LeakyReLU", negative_slope=value)(ROWS)
            for value in ("a", None, [0.1])
        },
    )

    for name in ("Softmax", "LogSoftmax"):
        rows |= table(
            name,
            "dim",
            {
                **{
                    f"{value!r}": of(name, dim=value)(ROWS)
                    for value in ("a", 1.5, True, [0], 2, -3)
                },
                "1 of a number": of(name, dim=1)(np.array(0.5)),
                "1 of nothing": of(name, dim=1)(np.zeros(0)),
            },
        )
    wrong = {f"dtype {k}": of("LogSoftmax", dim=0)(np.array([1, 0])) for k in ["int"]}
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
                f"{value!r}": of("Flatten", **{argument: value})(cube)
                for value in (3, -4, "a", 1.0, None)
            },
        )
    rows |= table(
        "Flatten",
        "start_dim",
        {
            "after end_dim": of("Flatten", start_dim=2, end_dim=1)(cube),
            "1 of a vector": of("Flatten", start_dim=2)(np.zeros(2)),
            "1 of a number": of("Flatten")(np.array(0.5)),
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


REFUSED = _layers() | _sequential()
