"""Losses against the prediction, and their slopes."""

import numpy as np

from .drawing import FAINT, LINE, SCRATCH, TORCH, Picture, draw

# What the inputs of a loss are for predictions x and the target t.

PROBABILITIES = np.linspace(0.01, 0.99, 197)


def _zero_one(x, t):
    return x, np.full_like(x, t)


def _against_zero(x, t):
    return np.stack([x, np.zeros_like(x)], axis=1), np.full(len(x), t)


def _ranking(x, t):
    return x, np.zeros_like(x), np.full_like(x, t)


def _many_hot(x, t):
    return x[:, None], np.full((len(x), 1), float(t))


def _listed(x, t):
    """One true class of three, the other scores 0; -1 ends the list."""
    scores = np.stack([x, np.zeros_like(x), np.zeros_like(x)], axis=1)
    return scores, np.tile([t, -1, -1], (len(x), 1))


def _log_shares(x, t):
    return np.log(np.stack([x, 1 - x], axis=1)), np.full(len(x), t)


def _shares(x, t):
    q = np.array([t, 1 - t])
    return np.log(np.stack([x, 1 - x], axis=1)), np.tile(q, (len(x), 1))


def _uncertain(x, t):
    return x, np.zeros_like(x), np.full_like(x, t)


LOSSES = {
    "BCELoss": (PROBABILITIES, _zero_one, (0, 1), "probability"),
    "NLLLoss": (PROBABILITIES, _log_shares, (0, 1), "probability of class 0"),
    "KLDivLoss": (PROBABILITIES, _shares, (0.2, 0.5), "probability"),
    "BCEWithLogitsLoss": (LINE, _zero_one, (0, 1), "logit"),
    "CrossEntropyLoss": (
        LINE,
        _against_zero,
        (0, 1),
        "logit of class 0, the other 0",
    ),
    "MultiMarginLoss": (LINE / 2, _against_zero, (0, 1), "score of class 0"),
    "MultiLabelMarginLoss": (LINE / 2, _listed, (0, 1), "score of class 0"),
    "MultiLabelSoftMarginLoss": (LINE, _many_hot, (0, 1), "logit"),
    "SoftMarginLoss": (LINE, _zero_one, (-1, 1), "score"),
    "HingeEmbeddingLoss": (LINE / 2, _zero_one, (-1, 1), "distance"),
    "MarginRankingLoss": (LINE / 2, _ranking, (-1, 1), "first score, the other is 0"),
    "PoissonNLLLoss": (LINE / 2, _zero_one, (0, 3), "log of the rate"),
    "GaussianNLLLoss": (LINE / 2, _uncertain, (0.5, 2), "prediction"),
}
USUAL = (LINE / 2, _zero_one, (0, 1), "prediction")


def loss_curve(thing, name: str) -> Picture:
    """Loss and slope against the prediction, for two targets."""
    x, make, targets, label = LOSSES.get(name, USUAL)
    loss = thing(reduction="none")
    found = []
    for t in targets:
        inputs = make(x, t)
        y, back = loss(*inputs)
        dx = back(np.ones_like(y))
        dx = np.asarray(dx[0] if isinstance(dx, tuple) else dx)
        if len(y) != len(x):
            raise ValueError("not one loss for each prediction")
        y = y.reshape(len(x), -1).sum(axis=1)
        if label.startswith(("probability",)) and inputs[0].ndim == 2:
            p = np.exp(inputs[0])
            dx = dx[:, 0] / p[:, 0] - dx[:, 1] / p[:, 1]
        found.append((t, y, dx.reshape(len(x), -1)[:, 0]))
    word = "variance" if name == "GaussianNLLLoss" else "target"

    def paint(left, right):
        for axes, title, which in ((left, "loss", 1), (right, "its slope", 2)):
            axes.axhline(0, color=FAINT, linewidth=0.8)
            for entry, colour in zip(found, (SCRATCH, TORCH), strict=True):
                axes.plot(x, entry[which], color=colour, label=f"{word} {entry[0]:g}")
            axes.set_title(title)
            axes.set_xlabel(label)
        if label.startswith("probability"):
            right.set_ylim(-12, 12)
        left.legend()

    return draw(paint, f"{name}: loss and slope against the {label}", 2)
