"""The race: the same network, the same batches, seven ways to take a step."""

from ..training.lesson import Lesson, Settings, Variant
from ..training.measures import accuracy
from . import data

SIZES = (64, 32, 10)


def build(side, make):
    tree = side.tree
    model = side.ready(tree.models.MLP(SIZES))
    optimizer = make(tree.optim, model.parameters(), side.settings.lr)
    return side.train(model, tree.nn.CrossEntropyLoss(), optimizer)


def _variant(name: str, lr: float, make) -> Variant:
    return Variant(name, {"make": make}, {"lr": lr})


def conclude(outlines) -> list[str]:
    ranked = sorted(outlines, key=lambda o: -o.results["accuracy, test"]["scratch"])
    order = ", ".join(o.variant for o in ranked)
    return [f"after {outlines[0].steps} steps, best first: {order}"]


LESSON = Lesson(
    name="optimizers",
    title="Optimisers: seven ways to use the same gradient",
    shows=(
        "All start from the same weights and see the same batches; only the step "
        "differs. Momentum carries plain SGD over flat ground, and the methods that "
        "scale every weight's step by the size of its gradients need no such push. "
        "The state behind each (momentum, running squares) matches PyTorch's after "
        "every step."
    ),
    data=data.digits,
    defaults=Settings(epochs=5, batch_size=64, lr=0.01),
    build=build,
    measures={"accuracy": accuracy},
    variants=(
        _variant("SGD", 0.05, lambda o, p, lr: o.SGD(p, lr)),
        _variant("momentum", 0.05, lambda o, p, lr: o.SGD(p, lr, momentum=0.9)),
        _variant(
            "Nesterov",
            0.05,
            lambda o, p, lr: o.SGD(p, lr, momentum=0.9, nesterov=True),
        ),
        _variant("Adagrad", 0.05, lambda o, p, lr: o.Adagrad(p, lr)),
        _variant("RMSprop", 0.005, lambda o, p, lr: o.RMSprop(p, lr)),
        _variant("Adam", 0.01, lambda o, p, lr: o.Adam(p, lr)),
        _variant("AdamW", 0.01, lambda o, p, lr: o.AdamW(p, lr)),
    ),
    conclude=conclude,
)
