"""Activations: value and slope of each, and where they saturate."""

from collections.abc import Callable

import numpy as np
import torch

from twofold import scratch, torch_ref

from ..training.lesson import Demonstration
from .figures.functions import Curve, activation_panels, values_and_slopes

LINE = np.linspace(-5, 5, 101)
MARKED = (-4.0, 0.5, 4.0)
DEPTH = 10


class Step(scratch.nn.Module):
    """The threshold unit's 0 or 1; its slope is 0, and nothing can be learned by it."""

    def forward(self, x):
        return np.heaviside(x, 0).astype(x.dtype), np.zeros_like


class TorchStep(torch.nn.Module):
    def forward(self, x):
        return torch.heaviside(x.detach(), torch.zeros((), dtype=x.dtype)) + 0 * x


def _both(name: str, *args, **options) -> tuple[Callable, Callable]:
    trees = scratch, torch_ref
    return tuple(lambda t=t: getattr(t.nn, name)(*args, **options) for t in trees)


ACTIVATIONS = {
    "threshold": (Step, TorchStep),
    "linear": _both("Identity"),
    "sigmoid": _both("Sigmoid"),
    "tanh": _both("Tanh"),
    "softmax of (x, 0, 1)": _both("Softmax", dim=0),
    "ReLU": _both("ReLU"),
    "leaky ReLU": _both("LeakyReLU", 0.1),
    "parametric ReLU": _both("PReLU"),
    "ELU": _both("ELU"),
    "SELU": _both("SELU"),
    "SiLU (Swish)": _both("SiLU"),
    "GELU": _both("GELU"),
}


def with_others(x: np.ndarray) -> np.ndarray:
    return np.concatenate([x, np.array([0, 1], x.dtype)])


def show(stage) -> None:
    curves = []
    for name, (make, make_torch) in ACTIVATIONS.items():
        points = np.append(LINE[LINE != 0], MARKED)
        stage.check(name, make(), make_torch(), points)
        as_input = with_others if "softmax" in name else lambda x: x
        mine = make().to(stage.dtype)
        reference = make_torch().to(getattr(torch, stage.dtype.name))
        places = np.append(LINE, MARKED)
        pair = [
            values_and_slopes(stage.dtype, f, places, as_input=as_input)
            for f in (mine, reference)
        ]
        n = len(LINE)
        slopes = [s[n:] for _, s in pair]
        stage.say(
            f"{name:20} slope at -4, 0.5, 4: by hand {_numbers(slopes[0])}, "
            f"by torch {_numbers(slopes[1])}"
        )
        curves.append(Curve(name, *((v[:n], s[:n]) for v, s in pair)))
        if name in ("sigmoid", "tanh", "ReLU"):
            _, found = pair[0]
            through = float(np.float64(found[-1]) ** DEPTH)
            stage.say(
                f"{'':20} through {DEPTH} layers, each at 4, a gradient is multiplied "
                f"by {through:.1e}"
            )
    stage.show("activations", activation_panels(LINE, curves))


def _numbers(values) -> str:
    return "(" + ", ".join(f"{v:+.6f}" for v in values) + ")"


LESSON = Demonstration(
    name="activations",
    title="Activations: value and slope, by hand and by autograd",
    shows=(
        "Sigmoid, tanh and softmax saturate: far from 0 their slope vanishes, and with "
        "it every gradient that has to pass. "
        "ReLU and its kin keep a slope of 1 on the right; on the left ReLU's is 0, and "
        "the others leave a little of it. "
        "The threshold has no slope anywhere, which is why the perceptron needs a rule "
        "of its own."
    ),
    show=show,
)
