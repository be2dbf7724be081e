"""The user's own table: a small network on the columns of a CSV file."""

from dataclasses import replace

import numpy as np

from ..training.lesson import Lesson, Settings
from ..training.measures import accuracy, importance, r_squared
from . import figures
from .data.table import table
from .standardised import standardise_inputs

HIDDEN = (32, 16)
BATCH = 32
MOST_BATCHES = 100  # in an epoch: with more rows the batches grow
TOP = 6  # inputs named at the end


def prepare(tree, arrays):
    """Inputs on one scale; a target that is a number too."""
    prepared = standardise_inputs(tree, arrays)
    if arrays["y_train"].ndim == 2:
        swapped = {"x_train": arrays["y_train"], "x_test": arrays["y_test"]}
        targets = standardise_inputs(tree, swapped)
        prepared |= {"y_train": targets["x_train"], "y_test": targets["x_test"]}
    return prepared


def build(side):
    tree, arrays = side.tree, side.arrays
    rows, inputs = arrays["x_train"].shape
    if side.settings.batch_size == BATCH and rows > BATCH * MOST_BATCHES:
        larger = replace(side.settings, batch_size=rows // MOST_BATCHES)
        side = replace(side, settings=larger)
    regression = arrays["y_train"].ndim == 2
    outputs = 1 if regression else _classes(arrays)
    model = side.ready(tree.models.MLP((inputs, *HIDDEN, outputs)))
    criterion = tree.models.HalfSquaredError() if regression else None
    optimizer = tree.optim.Adam(model.parameters(), lr=side.settings.lr)
    return side.train(model, criterion or tree.nn.CrossEntropyLoss(), optimizer)


def _classes(arrays) -> int:
    return 1 + int(max(arrays["y_train"].max(), arrays["y_test"].max()))


def good(output, target) -> float:
    """R² of numbers, accuracy of classes."""
    return (r_squared if target.ndim == 2 else accuracy)(output, target)


def picture(o):
    yield from (
        figures.confusion_matrix(o)
        if o.data.classes
        else figures.predicted_against_actual(o)
    )


def findings(o) -> list[str]:
    data = o.data
    lines = [*data.account]
    if data.classes:
        most = np.bincount(o.target).max() / len(o.target)
        lines.append(f"always naming the most frequent class would be {most:.3f} right")
    x = np.asarray(o.sides["scratch"].x_test)
    falls = importance(o.predict, x, o.target, good, data.features, rounds=5)
    counts = ", ".join(f"{n} {fall:.3f}" for n, fall in list(falls.items())[:TOP])
    return [*lines, f"lost when an input is shuffled: {counts}"]


LESSON = Lesson(
    name="table",
    title="Your own table: regression or classification, by hand and with PyTorch",
    shows=(
        "Every column became numbers in the way the account says. "
        "A network with two hidden layers predicts the target from them, by hand and "
        "with PyTorch, with the same weights after every step. "
        "R² (or the share of right classes) on rows held out says whether the columns "
        "hold anything about the target."
    ),
    data=table,
    defaults=Settings(epochs=30, batch_size=BATCH, lr=3e-3),
    prepare=prepare,
    build=build,
    measures={"R2 or accuracy": good},
    figures=(picture,),
    findings=findings,
    options={"csv": "", "target": "", "task": ""},
    data_options=("csv", "target", "task"),
)
