"""Losses of classes."""

import numpy as np

from .spec import NO_ARRAY, ROWS, of, table


def _class_losses() -> dict:
    rows = {}
    good = np.array([0, 1, 1])
    boxes = np.full((3, 2, 4), 0.5)
    for name in ("NLLLoss", "CrossEntropyLoss"):
        loss = of(name)
        rows |= table(
            name,
            "reduction",
            {
                f"{r!r}": of(name, reduction=r)(ROWS, good)
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
                f"{value!r}": of(name, ignore_index=value)(ROWS, good)
                for value in ("a", None, 1.5, True)
            },
        )
    number = np.array(0.5)
    rows |= table("NLLLoss", "input", {"a number": of("NLLLoss")(number, good[:1])})
    cross_entropy = of("CrossEntropyLoss")
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
                f"{value!r} of {target.ndim}-d targets": of(
                    "CrossEntropyLoss", label_smoothing=value
                )(ROWS, target)
                for value in (1.1, "a", None)
            },
        )
    rows |= table(
        "CrossEntropyLoss",
        "ignore_index",
        {
            f"{value!r} of probabilities": of("CrossEntropyLoss", ignore_index=value)(
                ROWS, ROWS
            )
            for value in (1, "a")
        },
    )
    return rows


REFUSED = _class_losses()
