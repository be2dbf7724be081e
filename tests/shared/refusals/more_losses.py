"""Robust, likelihood, margin and embedding losses."""

import numpy as np

from .spec import ONE, ROWS, of, table


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
                f"{r!r}": of(name, reduction=r)(ONE, ONE, *more)
                for r in ("bogus", "Mean", "")
            },
        )
        wrong = {"missing": of(name)(ONE)}
        if name != "MultiLabelSoftMarginLoss":
            wrong["of another shape"] = of(name)(ONE, np.full(4, 0.5), *more)
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
            {f"{v!r}": of(name, **{option: v})(ONE, ONE) for v in values},
        )
    gaussian = of("GaussianNLLLoss")
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
        loss = of(name)
        rows |= table(
            name,
            "reduction",
            {
                f"{r!r}": of(name, reduction=r)(ROWS, target)
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
        {f"{p!r}": of("MultiMarginLoss", p=p)(ROWS, good) for p in (0, 3, 1.5, "a")},
    )
    return rows


def _embeddings() -> dict:
    rows = {}
    ranking, cosine = of("MarginRankingLoss"), of("CosineEmbeddingLoss")
    triplet = of("TripletMarginLoss")
    for name, inputs in (
        ("MarginRankingLoss", (ONE, ONE, ONE)),
        ("CosineEmbeddingLoss", (ROWS, ROWS, ONE)),
        ("TripletMarginLoss", (ROWS, ROWS, ROWS)),
    ):
        rows |= table(
            name,
            "reduction",
            {f"{r!r}": of(name, reduction=r)(*inputs) for r in ("bogus", "", None)},
        )
        rows |= table(name, "margin", {"a str": of(name, margin="a")(*inputs)})
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


REFUSED = _other_losses()
