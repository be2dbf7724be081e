"""Boltzmann machines on top of each other, and then one network."""

import numpy as np

from ..training.lesson import Lesson, Settings, Variant
from ..training.measures import accuracy, share_rebuilt
from . import data
from .figures import networks as figures

SIZES = (64, 100, 100, 100, 10)
LAYERS = tuple(f"layer {n}" for n in range(1, len(SIZES) - 1))
PRETRAINED, RANDOM = "pre-trained", "random weights"
MOMENTUM = 0.5


def features(side, x: np.ndarray, layers) -> np.ndarray:
    """What the machines below make of images: the same numbers for both sides."""
    for layer in layers:
        machine = side.earlier[layer]
        x = 1 / (1 + np.exp(-(x @ machine["weight"].T + machine["hidden_bias"])))
    return x


def machine(side, layer: int):
    """Greedy pre-training: one machine learns what those below it put out."""
    tree = side.tree
    train, test = (
        features(side, side.arrays[part], LAYERS[:layer])
        for part in ("x_train", "x_test")
    )
    rbm = side.ready(tree.models.RBM(SIZES[layer], SIZES[layer + 1]))
    criterion = tree.models.ContrastiveDivergence(rbm)
    optimizer = tree.optim.SGD(rbm.parameters(), lr=side.settings.lr, momentum=MOMENTUM)
    arrays = {"x_train": train, "y_train": train, "x_test": test, "y_test": test}
    return side.train(rbm, criterion, optimizer, arrays=arrays)


def network(side, pretrained: bool, labelled: int):
    """All layers together, with the few labels that there are."""
    tree = side.tree
    model = side.ready(tree.models.DeepBelief(SIZES))
    if pretrained:
        for layer, name in enumerate(LAYERS):
            model.adopt(layer, side.earlier[name])
    optimizer = tree.optim.Adam(model.parameters(), lr=side.settings.lr)
    few = {part: side.arrays[part][:labelled] for part in ("x_train", "y_train")}
    return side.train(model, tree.nn.CrossEntropyLoss(), optimizer, arrays=few)


def build(side, labelled, layer=None, pretrained=False):
    if layer is not None:
        return machine(side, layer)
    return network(side, pretrained, labelled)


def conclude(outlines) -> list[str]:
    found = {o.variant: o.results.get("accuracy, test") for o in outlines}
    if not (found.get(PRETRAINED) and found.get(RANDOM)):
        return []
    return [
        f"Digits read right after the same training on the same few labels: "
        f"{found[PRETRAINED]['scratch']:.1%} with pre-trained layers, "
        f"{found[RANDOM]['scratch']:.1%} from random weights."
    ]


TUNING = {"epochs": 40, "batch_size": 10, "lr": 1e-2}

LESSON = Lesson(
    name="deep-belief",
    title="A deep belief network: greedy pre-training, then fine-tuning",
    shows=(
        "Three Boltzmann machines learn one after the other, each from what the one "
        "below it makes of 1,437 images without labels. "
        "Their weights then start a network that sees 100 labels. "
        "The same network from random weights gets the same labels and the same "
        "number of steps, and reads fewer digits right."
    ),
    data=data.digits,
    defaults=Settings(epochs=15, batch_size=32, lr=0.1),
    build=build,
    measures={"accuracy": accuracy},
    watch=(figures.hidden_units,),
    variants=(
        *(
            Variant(name, {"layer": n}, measures={"units rebuilt": share_rebuilt})
            for n, name in enumerate(LAYERS)
        ),
        Variant(PRETRAINED, {"pretrained": True}, TUNING),
        Variant(RANDOM, {}, TUNING),
    ),
    conclude=conclude,
    options={"labelled": 100},
)
