"""The perceptron: it finds a line that divides two classes, if there is one."""

import numpy as np

from ..training.lesson import Lesson, Settings, Variant
from ..training.measures import sign_accuracy
from .data import basics
from .figures.plane import decision_surface

PAIRS = ("setosa-versicolor", "versicolor-virginica")


def build(side):
    tree = side.tree
    model = side.ready(tree.models.Perceptron(side.arrays["x_train"].shape[1]))
    criterion = tree.models.PerceptronLoss()
    optimizer = tree.optim.SGD(model.parameters(), lr=side.settings.lr)
    return side.train(model, criterion, optimizer, tree.training.single_sample)


def findings(o) -> list[str]:
    wrong = {}
    for side, experiment in o.sides.items():
        z = o.predict(np.asarray(experiment.x), side)
        wrong[side] = int(np.sum(np.where(z > 0, 1, -1) != o.sides["scratch"].y))
    return [
        f"mistakes on the {len(o.data.x_train)} training flowers at the end: "
        + ", ".join(f"{side} {n}" for side, n in wrong.items())
    ]


LESSON = Lesson(
    name="perceptron",
    title="The perceptron: a threshold unit, and a rule that learns from mistakes",
    shows=(
        "After each mistake the rule adds the sample to the weights, or takes it away; "
        "after a right answer it does nothing. "
        "Setosa and versicolor can be divided by a line: the mistakes end, and with "
        "them every change. "
        "Versicolor and virginica cannot: the line never comes to rest."
    ),
    data=lambda pair: basics.iris(pair),
    defaults=Settings(epochs=10, batch_size=1, lr=1.0),
    build=build,
    measures={"accuracy": sign_accuracy},
    watch=(decision_surface(0, 3),),
    findings=findings,
    variants=tuple(Variant(pair.replace("-", ", "), {"pair": pair}) for pair in PAIRS),
    options={"pair": PAIRS[0]},
    data_options=("pair",),
)
