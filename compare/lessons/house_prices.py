"""Regression on real house sales."""

import numpy as np

from ..training.lesson import Lesson, Settings
from ..training.measures import importance, r_squared
from . import data, figures

HIDDEN = (16, 8)
MOMENTUM = 0.9


def prepare(tree, arrays):
    """Feet, dollars and counts of rooms on one scale: that of the training houses."""
    prepared = {}
    for part in "x", "y":
        scale = tree.models.Standardizer().fit(arrays[f"{part}_train"])
        for name in f"{part}_train", f"{part}_test":
            z = scale(arrays[name])
            prepared[name] = z[0] if isinstance(z, tuple) else z
    return prepared


def build(side):
    tree = side.tree
    features = side.arrays["x_train"].shape[1]
    model = side.ready(tree.models.MLP((features, *HIDDEN, 1)))
    criterion = tree.models.HalfSquaredError()
    optimizer = tree.optim.SGD(
        model.parameters(), lr=side.settings.lr, momentum=MOMENTUM
    )
    return side.train(model, criterion, optimizer)


def findings(o) -> list[str]:
    """How far off a price is, and how much each input counts.

    An input counts as much as R^2 falls when its column is shuffled among the houses.
    """
    data, output, target = o.data, o.outputs["scratch"], o.target
    dollars = data.y_train.std()
    off = np.median(np.abs(output - target)) * dollars
    lines = [f"Half of the prices are predicted within ${off:,.0f}."]
    x = np.asarray((data.x_test - data.x_train.mean(0)) / data.x_train.std(0))
    falls = importance(o.predict, x, target, r_squared, data.features)
    counts = ", ".join(f"{name} {fall:.2f}" for name, fall in falls.items())
    return [*lines, f"R² lost when an input is shuffled: {counts}."]


LESSON = Lesson(
    name="house-prices",
    title="House prices: regression on standardised features, half squared error",
    shows=(
        "A small network predicts what a house sells for from its size, rooms, age and "
        "place. "
        "Standardising is learned from the training houses alone, by hand on one side "
        "and by torch on the other. "
        "SGD with momentum takes the same steps on both, and both name the same price."
    ),
    data=data.house_prices,
    defaults=Settings(epochs=60, batch_size=16, lr=2e-3),
    prepare=prepare,
    build=build,
    measures={"R2": r_squared},
    figures=(figures.predicted_against_actual,),
    findings=findings,
)
