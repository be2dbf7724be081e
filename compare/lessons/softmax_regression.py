"""Softmax regression: one score for each of three flowers."""

from ..training import measures
from ..training.lesson import Lesson, Settings
from .data import basics
from .figures import confusion_matrix
from .figures.basics import class_triangle, weights_by_class
from .standardised import standardise_inputs


def build(side):
    tree = side.tree
    features = side.arrays["x_train"].shape[1]
    model = side.ready(tree.models.SoftmaxRegression(features, 3))
    criterion = tree.nn.CrossEntropyLoss()
    optimizer = tree.optim.SGD(model.parameters(), lr=side.settings.lr)
    return side.train(model, criterion, optimizer)


def findings(o) -> list[str]:
    """The flower that the network is least sure of."""
    lines = []
    for side, experiment in o.sides.items():
        model, x = experiment.model, experiment.x_test
        p = model.probability(x)
        p = p if side == "scratch" else p.detach().cpu().numpy()
        n = int(p.max(axis=1).argmin())
        shares = ", ".join(
            f"{name} {share:.4f}"
            for name, share in zip(o.data.classes, p[n], strict=True)
        )
        actual = o.data.classes[int(o.target[n])]
        lines.append(f"{side}: least sure of flower {n}, a {actual}: {shares}")
    return lines


LESSON = Lesson(
    name="softmax-regression",
    title="Softmax regression: three kinds of iris",
    shows=(
        "Each class has a weighted sum of its own, and softmax makes shares of them "
        "that add up to 1. "
        "The gradient is again prediction minus target, now one number for each class. "
        "In the triangle each flower walks from the middle, where nothing is known, to "
        "the corner of its class; versicolor and virginica meet on the way."
    ),
    data=basics.iris,
    defaults=Settings(epochs=60, batch_size=16, lr=0.2),
    prepare=standardise_inputs,
    build=build,
    measures={"accuracy": measures.accuracy},
    figures=(confusion_matrix, weights_by_class),
    watch=(class_triangle,),
    findings=findings,
)
