"""Search: a grid, and random points, over what no gradient reaches."""

import numpy as np

from ..training.lesson import Lesson, Settings, Variant
from ..training.measures import accuracy
from . import data

SEARCH_SEED = 1
RANDOM_TRIALS = 8


def build(side, width, depth, activation, penalty):
    tree = side.tree
    sizes = (64, *[width] * depth, 10)
    model = side.ready(tree.models.MLP(sizes, activation=activation))
    optimizer = tree.optim.AdamW(
        model.parameters(), lr=side.settings.lr, weight_decay=penalty
    )
    return side.train(model, tree.nn.CrossEntropyLoss(), optimizer)


def _trial(how: str, lr, width, depth, activation="ReLU", penalty=0.01) -> Variant:
    options = {
        "width": width,
        "depth": depth,
        "activation": activation,
        "penalty": penalty,
    }
    name = f"{how}: rate {lr:.1g}, {depth} x {width} {activation}, {penalty:.1g}"
    return Variant(name, options, {"lr": lr})


def _trials() -> tuple[Variant, ...]:
    grid = [
        _trial("grid", lr, width, depth)
        for lr in (0.001, 0.02)
        for width in (8, 64)
        for depth in (1, 2)
    ]
    rng = np.random.default_rng(SEARCH_SEED)
    drawn = [
        _trial(
            "random",
            float(10 ** rng.uniform(-3.5, -1)),
            int(2 ** rng.uniform(2, 7)),
            int(rng.integers(1, 4)),
            str(rng.choice(["ReLU", "Tanh", "Sigmoid"])),
            float(10 ** rng.uniform(-4, -0.5)),
        )
        for _ in range(RANDOM_TRIALS)
    ]
    return (*grid, *drawn)


def conclude(outlines) -> list[str]:
    def best(how):
        tried = [o for o in outlines if o.variant.startswith(how)]
        return max(tried, key=lambda o: o.results["accuracy, test"]["scratch"])

    return [
        f"best of the {how}: {best(how).results['accuracy, test']['scratch']:.3f} "
        f"({best(how).variant})"
        for how in ("grid", "random")
    ]


LESSON = Lesson(
    name="hyperparameters",
    title="Hyperparameters: grid and random search, one trial one comparison",
    shows=(
        "Rate, width, depth, activation and penalty are chosen before training, by "
        "trying. "
        "A grid tries the same few rates again and again; random points try a new one "
        "each time, which is why they often find a better one with as many trials. "
        "The HParams tab lays all trials side by side."
    ),
    data=data.digits,
    defaults=Settings(epochs=3, batch_size=64, lr=0.01),
    build=build,
    measures={"accuracy": accuracy},
    variants=_trials(),
    conclude=conclude,
)
