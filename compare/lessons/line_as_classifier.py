"""A regression line used to classify, beside logistic regression, and an outlier."""

import numpy as np

from ..training.lesson import Lesson, Settings, Variant
from .data import basics
from .figures.basics import boundaries, line_and_curve, threshold_of

OUTLIERS, RADIUS = 5, 80.0  # made up: malignant beyond any doubt, in micrometres
MIDDLE, SPREAD = 14.0, 4.0  # about the mean and deviation of the radii


def data(outliers: bool):
    return basics.tumours_with_outliers(OUTLIERS if outliers else 0, RADIUS)


def prepare(tree, arrays: dict) -> dict:
    """The radius on a scale of its own, the same with the outliers and without."""
    return {k: (v - MIDDLE) / SPREAD if k[0] == "x" else v for k, v in arrays.items()}


def build(side, logistic: bool):
    tree = side.tree
    if logistic:
        model = side.ready(tree.models.LogisticRegression(1))
        criterion = tree.nn.BCEWithLogitsLoss()
    else:
        model = side.ready(tree.models.LinearRegression(1))
        criterion = tree.models.HalfSquaredError()
    optimizer = tree.optim.SGD(model.parameters(), lr=side.settings.lr)
    return side.train(model, criterion, optimizer, tree.training.full_batch)


def findings(o) -> list[str]:
    right = {
        side: np.mean((output > threshold_of(o)) == o.target)
        for side, output in o.outputs.items()
    }
    boundary = boundaries(o)
    return [
        "boundary at a radius of "
        + ", ".join(f"{side} {radius:.4f}" for side, radius in boundary.items())
        + "; right on the test tumours: "
        + ", ".join(f"{side} {share:.1%}" for side, share in right.items())
    ]


LESSON = Lesson(
    name="line-as-classifier",
    title="A regression line as a classifier, and what an outlier does to it",
    shows=(
        "A line through zeros and ones can be cut at one half, and then it classifies. "
        "But it is punished for being too right: five made-up tumours of a huge "
        "radius, malignant without question, drag it over, and with it the boundary. "
        "The sigmoid has long been flat there; logistic regression hardly notices."
    ),
    data=data,
    defaults=Settings(epochs=1000, lr=0.3),
    prepare=prepare,
    build=build,
    figures=(line_and_curve,),
    findings=findings,
    variants=(
        Variant("line", {"logistic": False, "outliers": False}),
        Variant("line, outliers", {"logistic": False, "outliers": True}),
        Variant("logistic", {"logistic": True, "outliers": False}),
        Variant("logistic, outliers", {"logistic": True, "outliers": True}),
    ),
    options={"logistic": False, "outliers": False},
    data_options=("outliers",),
)
