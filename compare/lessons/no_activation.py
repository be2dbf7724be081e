"""Without activations depth is worth nothing: the layers are one."""

import numpy as np

from ..training import measures
from ..training.lesson import TREES, Lesson, LessonSide, Settings, Variant, predict
from . import data

DEEP = (64, 64, 32, 16, 10)


def build(side, sizes, activation):
    tree = side.tree
    model = side.ready(tree.models.MLP(sizes, activation=activation))
    criterion = tree.nn.CrossEntropyLoss()
    optimizer = tree.optim.Adam(model.parameters(), lr=side.settings.lr)
    return side.train(model, criterion, optimizer)


def findings(o) -> list[str]:
    """The product of the weights, put in the place of the whole network."""
    said = []
    for name, experiment in o.sides.items():
        tree = TREES[name]
        side = LessonSide(tree, {}, o.settings, np.dtype(o.settings.dtype))
        one = side.ready(tree.models.Collapsed(experiment.model))
        output = predict(tree, one, experiment.x_test)
        gap = np.abs(output - o.outputs[name]).max()
        same = measures.accuracy(output, o.target)
        said.append(f"{name} {gap:.1e} (then {same:.4f} of the digits are read)")
    return ["the product of the weights moves a logit by at most " + ", ".join(said)]


LESSON = Lesson(
    name="no-activation",
    title="Depth without activations",
    shows=(
        "A linear map of a linear map is linear: four layers without activations are "
        "one, whose weights are the product of theirs. "
        "Multiplied out, it gives the same logits to the last digits, and the deep "
        "network reads digits no better than a single layer. "
        "With ReLU between the layers the product is another network altogether, and "
        "depth begins to count."
    ),
    data=data.digits,
    defaults=Settings(epochs=40, batch_size=64, lr=3e-3),
    build=build,
    measures={"accuracy": measures.accuracy},
    findings=findings,
    variants=(
        Variant("one layer", {"sizes": (64, 10), "activation": "Identity"}),
        Variant(
            "four layers, no activation", {"sizes": DEEP, "activation": "Identity"}
        ),
        Variant("four layers, ReLU", {"sizes": DEEP, "activation": "ReLU"}),
    ),
)
