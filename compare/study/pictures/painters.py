"""The picture of a concept: which, for which family.

A picture shows what the code computes, from scratch's side unless it says that it shows
both.
"""

import warnings

import torch

from twofold import scratch

from ...concepts.catalogue import Concept
from .averages import averaging_picture, gain_picture
from .drawing import Picture, both, draw
from .layers import layer_picture
from .places import packed
from .planes import utility_picture
from .training import filling_picture, path_picture, schedule_picture


def _init_picture(concept: Concept) -> Picture | None:
    gain = concept.name == "nn.init.calculate_gain"
    return gain_picture(concept) if gain else filling_picture(concept)


PAINTERS = {
    "nn": layer_picture,
    "nn.functional": layer_picture,
    "nn.init": _init_picture,
    "nn.utils": utility_picture,
    "nn.utils.rnn": packed,
    "optim": path_picture,
    "optim.lr_scheduler": schedule_picture,
    "optim.swa_utils": averaging_picture,
}
LESSONS_DRAW = ("models", "training")  # families shown by the curves of a lesson
NOTHING_TO_DRAW = {  # on purpose, and why
    "nn.Identity": "what goes in comes out",
    "nn.ModuleDict": "holds layers and computes nothing",
    "nn.ModuleList": "holds layers and computes nothing",
    "nn.ParameterDict": "holds parameters and computes nothing",
    "nn.ParameterList": "holds parameters and computes nothing",
    "models.Writer": "writes with another network, and is never trained",
    "training.accumulated": "no lesson trains with it",
    "training.batches": "the order of samples, not a training",
}


def picture(concept: Concept) -> Picture | None:
    """None where there is nothing to draw. The random streams are left alone."""
    painter = PAINTERS.get(concept.family)
    if painter is None or concept.name in NOTHING_TO_DRAW:
        return None
    with (
        warnings.catch_warnings(),
        torch.random.fork_rng(devices=[]),
        scratch.random.fork_rng(),
    ):
        warnings.simplefilter("ignore")
        scratch.manual_seed(0)
        torch.manual_seed(0)
        return painter(concept)


TRAININGS = 6  # of a lesson, whose losses are drawn


def loss_curves(title: str, losses: dict[str, list[list[float]]]) -> Picture | None:
    """The first losses of a lesson's trainings, both sides in each."""
    shown = [(name, pair) for name, pair in losses.items() if all(pair)][:TRAININGS]
    if not shown:
        return None

    def paint(*panels):
        for axes, (name, (mine, theirs)) in zip(panels, shown, strict=True):
            both(axes, range(1, len(mine) + 1), mine, theirs[: len(mine)])
            if min(mine) > 0 and max(mine) > 1e4 * min(mine):
                axes.set_yscale("log")
            axes.set(xlabel="step", title=name or "training loss")
        panels[0].legend()
        panels[0].set_ylabel("loss")

    caption = f"{title}: the first steps of training, the loss of both sides"
    return draw(paint, caption, len(shown))
