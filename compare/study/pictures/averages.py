"""Pictures of averaged weights, and of the gains of initialisation; both sides."""

import numpy as np
import torch

from twofold import scratch, torch_ref

from ...concepts.catalogue import Concept
from ...sides.arrays import to_numpy
from .drawing import FAINT, SCRATCH, TORCH, Picture, both, draw
from .training import schedule_picture

EPOCHS = 60
DECAY = 0.9


def averaging_picture(concept: Concept) -> Picture:
    """A weight that wanders about its goal, and what the average makes of it."""
    name = concept.name.rpartition(".")[2]
    if name == "SWALR":
        return schedule_picture(concept)
    noise = np.random.default_rng(0).standard_normal(EPOCHS) * 0.25
    weights = (1 - np.exp(-np.arange(EPOCHS) / 8) + noise).astype(np.float32)
    averages = [_averages(tree, name, weights) for tree in (scratch, torch_ref)]

    def paint(left):
        left.plot(weights, ".", color=FAINT, label="a weight")
        both(left, np.arange(EPOCHS), *averages)
        left.set(xlabel="update", title="the weight, and its average")
        left.legend(loc="lower right")

    words = f"decay={DECAY}" if "ema" in name else ""
    what = "AveragedModel" if name == "AveragedModel" else f"{name}({words})"
    return draw(paint, f"{what}: the average of a weight that wanders about 1")


def _averages(tree, name: str, weights) -> list[float]:
    swa = tree.optim.swa_utils
    options = {}
    if name != "AveragedModel":
        make = getattr(swa, name)
        average = make(DECAY) if "ema" in name else make()
        options["multi_avg_fn" if "multi" in name else "avg_fn"] = average
    model = tree.nn.Linear(1, 1, bias=False)
    averaged = swa.AveragedModel(model, **options)
    found = []
    with torch.no_grad():
        for w in weights:
            model.weight.data[...] = float(w)
            averaged.update_parameters(model)
            found.append(float(to_numpy(averaged.module.weight.data).item()))
    return found


GAINS = {
    "linear": (),
    "sigmoid": (),
    "tanh": (),
    "relu": (),
    "leaky_relu": (0.2,),
    "selu": (),
}


def gain_picture(concept: Concept) -> Picture:
    mine = [concept.scratch(name, *more) for name, more in GAINS.items()]
    theirs = [concept.torch(name, *more) for name, more in GAINS.items()]
    places = np.arange(len(GAINS))

    def paint(left):
        left.barh(places, theirs, 0.8, color=TORCH, alpha=0.35, label="PyTorch")
        left.barh(places, mine, 0.25, color=SCRATCH, label="NumPy")
        left.set_yticks(places, list(GAINS))
        left.invert_yaxis()
        left.set(title="gain", xlim=(0, 2))
        left.legend(loc="lower right")

    return draw(paint, "calculate_gain: by how much weights are widened before each")
