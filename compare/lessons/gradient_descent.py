"""All samples, one sample, a few: three ways to follow a slope."""

import numpy as np

from ..training.lesson import Lesson, Settings, Variant
from ..training.measures import accuracy
from . import data
from .figures import training

SIZES = (64, 10)
SHIFTS = 24  # samples of the bumpy surface
BUMPY = {"height": lambda output, target: float(output.mean())}


def build(side, loop="mini_batch", surface=False, momentum=0.0):
    return (_walk if surface else _digits)(side, loop, momentum)


def _digits(side, loop, momentum):
    tree = side.tree
    model = side.ready(tree.models.MLP(SIZES))
    optimizer = tree.optim.SGD(model.parameters(), side.settings.lr, momentum)
    criterion = tree.nn.CrossEntropyLoss()
    return side.train(model, criterion, optimizer, getattr(tree.training, loop))


def _walk(side, loop, momentum):
    """On the surface of which every (made-up) sample shows a slightly shifted copy."""
    tree, rng = side.tree, np.random.default_rng(3)
    shifts = rng.normal(0, 0.2, (SHIFTS, 2))
    none = np.zeros((1, 2))
    arrays = {
        "x_train": shifts - shifts.mean(axis=0),
        "y_train": np.zeros(SHIFTS),
        "x_test": none,
        "y_test": none[:, 0],
    }
    model = side.ready(tree.models.BumpySurface())
    optimizer = tree.optim.SGD(model.parameters(), side.settings.lr, momentum)
    # Heights are positive, so that their mean absolute value is their mean.
    return side.train(
        model, tree.nn.L1Loss(), optimizer, getattr(tree.training, loop), arrays
    )


def conclude(outlines) -> list[str]:
    lines = []
    for o in outlines:
        if o.results and "accuracy, test" in o.results:
            each = o.clock["scratch"] / o.settings.epochs * 1e3
            lines.append(
                f"{o.variant}: {o.steps / o.settings.epochs:.0f} updates and "
                f"{each:.1f} ms an epoch, by hand"
            )
    return lines


def _bumpy(name: str, loop: str, momentum: float = 0.0, **settings) -> Variant:
    options = {"loop": loop, "surface": True, "momentum": momentum}
    return Variant(
        name, options, {"epochs": 60, "lr": 0.06, **settings}, measures=BUMPY
    )


LESSON = Lesson(
    name="gradient-descent",
    title="Gradient descent: full batch, one sample at a time, mini-batch",
    shows=(
        "The full batch takes few, sure and dear steps; single samples take many, "
        "cheap and noisy ones; mini-batches lie between and win per second. "
        "On a bumpy surface (made up) full batches walk into the nearest hollow and "
        "stay, while noise or momentum may carry over the next bump. "
        "The paths of both sides lie on each other."
    ),
    data=data.digits,
    defaults=Settings(epochs=4, batch_size=64, lr=0.3),
    build=build,
    measures={"accuracy": accuracy},
    figures=(training.path_on_surface,),
    variants=(
        Variant("full batch", {"loop": "full_batch"}, {"epochs": 60, "lr": 0.5}),
        Variant("one sample", {"loop": "single_sample"}, {"epochs": 1, "lr": 0.03}),
        Variant("mini-batch", {"loop": "mini_batch"}),
        _bumpy("bumpy, full batch", "full_batch"),
        _bumpy("bumpy, one sample", "single_sample", epochs=6),
        _bumpy("bumpy, momentum", "full_batch", momentum=0.8),
    ),
    conclude=conclude,
)
