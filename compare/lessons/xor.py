"""Exclusive or, which no line can do, and curves, which enough units can."""

import numpy as np

from ..training.lesson import Lesson, Settings, Variant
from .data import basics
from .figures.basics import curve_through_points
from .figures.plane import decision_surface

SURFACE = decision_surface(0.5, 0.5)
DATA = {"xor": basics.four_corners, "curve": basics.curve}


def build(side, hidden):
    tree = side.tree
    inputs = side.arrays["x_train"].shape[1]
    sizes = (inputs, hidden, 1) if hidden else (inputs, 1)
    model = side.ready(tree.models.MLP(sizes, activation="Tanh"))
    criterion = tree.models.HalfSquaredError()
    optimizer = tree.optim.Adam(model.parameters(), lr=side.settings.lr)
    return side.train(model, criterion, optimizer, tree.training.full_batch)


def rms_error(output, target) -> float:
    return float(np.sqrt(np.mean((output - target) ** 2)))


def picture(o):
    """Corners in a plane, or a curve."""
    yield from SURFACE(o) if o.data.x_train.shape[1] == 2 else curve_through_points(o)


def findings(o) -> list[str]:
    if o.data.x_train.shape[1] != 2:
        return []
    corners = [tuple(int(v) for v in x) for x in o.data.x_train]
    return [
        f"{side}: "
        + ", ".join(
            f"{c} -> {round(float(y), 4) + 0.0:.4f}"
            for c, y in zip(corners, output[:, 0], strict=True)
        )
        for side, output in o.outputs.items()
    ]


def _variant(of: str, hidden: int) -> Variant:
    name = f"{hidden} hidden units" if hidden else "no hidden units"
    name = name.replace("1 hidden units", "1 hidden unit")
    return Variant(f"{of}, {name}", {"of": of, "hidden": hidden})


LESSON = Lesson(
    name="xor",
    title="Exclusive or, and the approximation of curves",
    shows=(
        "No line divides the corners of exclusive or: without hidden units the best "
        "answer is one half everywhere. "
        "Two hidden units draw two lines, and the corners between them are the ones. "
        "The same units add up to curves: the more there are, the closer they come, "
        "for a wide enough layer approximates any continuous function."
    ),
    data=lambda of: DATA[of](),
    defaults=Settings(epochs=600, lr=0.03),
    build=build,
    measures={"RMS error": rms_error},
    watch=(picture,),
    findings=findings,
    variants=(
        _variant("xor", 0),
        _variant("xor", 2),
        *(_variant("curve", n) for n in (1, 2, 4, 8, 16)),
    ),
    options={"of": "xor", "hidden": 2},
    data_options=("of",),
)
