"""Units that never fire again."""

from ..training.lesson import Lesson, Settings, Variant
from ..training.measures import accuracy
from . import data
from .figures import training

SIZES = (64, 48, 48, 10)


def build(side, activation):
    tree = side.tree
    model = side.ready(tree.models.MLP(SIZES, activation=activation))
    optimizer = tree.optim.SGD(model.parameters(), lr=side.settings.lr, momentum=0.9)
    return side.train(model, tree.nn.CrossEntropyLoss(), optimizer)


def findings(o) -> list[str]:
    dead = training.dead_units(o)
    of = f"{sum(dead)} of {sum(SIZES[1:-1])} hidden units never fire"
    return [f"{of} ({', '.join(map(str, dead))} by layer)"]


LESSON = Lesson(
    name="dying-relu",
    title="Dying ReLU: units pushed to where there is no slope",
    shows=(
        "A few steps that are too large push units so far down that no sample makes "
        "them fire; with no slope there they get no gradient and stay dead. "
        "The count of the dead stands in the dashboard. "
        "A leaky ReLU keeps a small slope below zero, and its units come back."
    ),
    data=data.digits,
    defaults=Settings(epochs=4, batch_size=64, lr=0.3),
    build=build,
    measures={"accuracy": accuracy},
    watch=(training.dead_unit_curves, training.activation_histograms),
    findings=findings,
    variants=(
        Variant("ReLU, small steps", {"activation": "ReLU"}, {"lr": 0.05}),
        Variant("ReLU, large steps", {"activation": "ReLU"}),
        Variant("leaky ReLU, large steps", {"activation": "LeakyReLU"}),
    ),
)
