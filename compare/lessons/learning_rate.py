"""One number decides: the size of the step."""

from ..training.lesson import Lesson, Settings, Variant
from ..training.measures import accuracy
from . import data

SIZES = (64, 32, 10)


def build(side, schedule=None, adaptive=False):
    """Squared error on one-hot targets: with it a step that is too large explodes."""
    tree, lr = side.tree, side.settings.lr
    model = side.ready(tree.models.MLP(SIZES))
    criterion = tree.models.OneHotError(classes=SIZES[-1])
    make = tree.optim.Adam if adaptive else tree.optim.SGD
    optimizer = make(model.parameters(), lr=lr)
    experiment = side.train(model, criterion, optimizer)
    if schedule is not None:
        scheduler = schedule(tree.optim.lr_scheduler, optimizer, side.settings.epochs)
        experiment.loop = tree.training.scheduled(experiment.loop, scheduler)
        experiment.keepers = {"schedule": scheduler}
    return experiment


def conclude(outlines) -> list[str]:
    (diverged,) = (o for o in outlines if o.diverged_at)
    return [
        f"with a rate of {diverged.settings.lr:g} the loss leaves the numbers at step "
        f"{diverged.diverged_at}, on both sides"
    ]


LESSON = Lesson(
    name="learning-rate",
    title="Learning rate: too small, good, too large, diverging, adaptive",
    shows=(
        "The same network and batches with another step size: a small one crawls, a "
        "good one arrives, a large one jumps about, and a larger one still doubles its "
        "error at every step until the numbers end, on both sides at the same step. "
        "A schedule starts large and ends small. "
        "Adam scales each weight's step by its own gradients and forgives the choice."
    ),
    data=data.digits,
    defaults=Settings(epochs=6, batch_size=64, lr=0.1),
    build=build,
    measures={"accuracy": accuracy},
    variants=(
        Variant("too small", settings={"lr": 0.003}),
        Variant("good", settings={"lr": 0.3}),
        Variant("too large", settings={"lr": 0.8}),
        Variant("diverging", settings={"lr": 30.0}, diverges=True),
        Variant(
            "cosine",
            {"schedule": lambda s, optimizer, n: s.CosineAnnealingLR(optimizer, n)},
            {"lr": 0.5},
        ),
        Variant("Adam", {"adaptive": True}, {"lr": 0.01}),
    ),
    conclude=conclude,
)
