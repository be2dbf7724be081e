"""Logistic regression: a line between yes and no, and how sure it is."""

import numpy as np

from ..training.lesson import Lesson, Settings, Variant
from ..training.measures import sign_accuracy
from .data import basics
from .figures.basics import probabilities
from .figures.plane import decision_surface
from .standardised import standardise_inputs

SURFACE = decision_surface(0, 4)
STUDENT = (5.0, 9.0)  # lectures attended, hours of study

DATA = {"students": basics.students, "tumours": basics.breast_cancer}


def build(side):
    tree = side.tree
    model = side.ready(tree.models.LogisticRegression(side.arrays["x_train"].shape[1]))
    criterion = tree.nn.BCEWithLogitsLoss()
    optimizer = tree.optim.SGD(model.parameters(), lr=side.settings.lr)
    return side.train(model, criterion, optimizer, tree.training.full_batch)


def surface(o):
    """The boundary, where there are two inputs to draw it in."""
    if o.data.x_train.shape[1] == 2:
        yield from SURFACE(o)


def findings(o) -> list[str]:
    if o.data.name == "students":
        raw = o.data.x_train
        x = (np.array([STUDENT]) - raw.mean(axis=0)) / raw.std(axis=0)
        what = "a student with 5 lectures and 9 hours of study fails"
    else:
        x = np.asarray(o.sides["scratch"].x_test)[:1]
        actual = o.data.classes[int(o.target[0, 0])]
        what = f"the first tumour to test, a {actual} one, is malignant"
    odds = {side: float(o.predict(x, side)[0, 0]) for side in o.sides}
    chances = ", ".join(f"{s} {1 / (1 + np.exp(-z)):.4f}" for s, z in odds.items())
    return [f"probability that {what}: {chances}"]


LESSON = Lesson(
    name="logistic-regression",
    title="Logistic regression: sigmoid and cross-entropy",
    shows=(
        "A weighted sum is the log-odds of yes, and the sigmoid makes a probability of "
        "it. "
        "With cross-entropy the gradient is prediction minus target, however wrong the "
        "prediction is. "
        "The boundary, where both answers are equally likely, is a straight line; "
        "further from it the network is surer. (The students are made up.)"
    ),
    data=lambda of: DATA[of](),
    defaults=Settings(epochs=300, lr=0.5),
    prepare=standardise_inputs,
    build=build,
    measures={"accuracy": sign_accuracy},
    figures=(probabilities,),
    watch=(surface,),
    findings=findings,
    variants=tuple(Variant(name, {"of": name}) for name in DATA),
    options={"of": "students"},
    data_options=("of",),
)
