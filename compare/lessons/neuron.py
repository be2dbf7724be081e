"""One neuron: weighted sum, bias, activation; then several beside each other."""

import numpy as np
import torch

from twofold import scratch, torch_ref

from ..sides.arrays import to_numpy, to_torch
from ..training.lesson import Demonstration
from .figures.basics import bias_picture

INPUTS = np.array([[1.0, 2.0, -1.0]])
WEIGHTS = np.array([0.5, -0.25, 0.75])
BIAS = 0.5
BIASES = (-4.0, 0.0, 4.0)
LAYER = np.array([[0.5, -0.25, 0.75], [-1.0, 0.25, 0.25], [0.75, 0.75, -0.5]])
LAYER_BIAS = np.array([0.5, 0.0, -1.0])
TREES = scratch, torch_ref


def neurons(weights, bias, activation="Sigmoid") -> list:
    """The same neuron of both sides, with these weights."""
    state = {"sum.weight": np.array([weights]), "sum.bias": np.array([bias])}
    return [_loaded(t.models.Neuron(3, activation), state) for t in TREES]


def layers() -> list:
    state = {"0.weight": LAYER, "0.bias": LAYER_BIAS}
    return [
        _loaded(t.nn.Sequential(t.nn.Linear(3, 3), t.nn.Sigmoid()), state)
        for t in TREES
    ]


def _loaded(model, state: dict):
    if isinstance(model, torch.nn.Module):
        model, state = model.double(), {k: to_torch(v) for k, v in state.items()}
    else:
        model = model.double()
    model.load_state_dict(state)
    return model


def alone_as_function(neuron):
    """A neuron as a function of the inputs, its weights being given."""
    return lambda x: neuron.to(x.dtype)(x)


def row_of(layer, k: int):
    """Output k of PyTorch's layer, as a function of the inputs."""

    def output(x):
        return layer.to(x.dtype)(x)[:, k]

    return output


def outputs(stage, pair: list, x) -> list[np.ndarray]:
    """What both sides answer, in the precision of the lesson."""
    mine, reference = pair
    x = x.astype(stage.dtype)
    y, _ = mine.to(stage.dtype)(x)
    with torch.no_grad():
        return [y, to_numpy(reference.to(to_torch(x).dtype)(to_torch(x)))]


def show(stage) -> None:
    # One neuron, number by number.
    (x,) = INPUTS
    terms = " + ".join(f"{w:g} * {v:g}" for w, v in zip(WEIGHTS, x, strict=True))
    pair = neurons(WEIGHTS, BIAS)
    stage.check("one neuron", *pair, np.vstack([INPUTS, -INPUTS, INPUTS * 0]))
    mine, theirs = (float(y[0]) for y in outputs(stage, pair, INPUTS))
    z = float((WEIGHTS * x).sum() + BIAS)
    stage.say(f"z = {terms} + {BIAS:g} = {z:g}")
    stage.say(f"sigmoid(z): by hand {mine:.6f}, by torch {theirs:.6f}")

    # The bias shifts the activation.
    for bias in BIASES:
        pair = neurons(WEIGHTS, bias)
        stage.check(f"bias {bias:g}", *pair, INPUTS)
        stage.say(
            f"bias {bias:+g}: the same inputs give "
            f"{float(outputs(stage, pair, INPUTS)[0][0]):.6f}; "
            f"the output passes 0.5 where the weighted sum passes {0 - bias:+g}"
        )

    # Several neurons beside each other: a matrix of weights.
    layer = layers()
    stage.check("a layer of three", *layer, INPUTS)
    row, theirs = (y[0] for y in outputs(stage, layer, INPUTS))
    each = []
    for k, (weights, bias) in enumerate(zip(LAYER, LAYER_BIAS, strict=True)):
        single = neurons(weights, bias)
        alone, row_k = alone_as_function(single[0]), row_of(layer[1], k)
        stage.check(f"neuron {k} of the layer", alone, row_k, INPUTS)
        each.append(float(outputs(stage, single, INPUTS)[0][0]))
    stage.say(f"three neurons, one by one:  {_numbers(each)}")
    stage.say(
        f"one layer, s(W x + b):      {_numbers(row)}, by torch {_numbers(theirs)}"
    )
    stage.show("bias_shifts", bias_picture(BIASES))


def _numbers(values) -> str:
    return "(" + ", ".join(f"{v:.6f}" for v in values) + ")"


LESSON = Demonstration(
    name="neuron",
    title="One neuron: weighted sum, bias, activation",
    shows=(
        "A neuron multiplies each input with a weight, adds them and a bias, and bends "
        "the sum. "
        "The bias moves the place where the bend happens; the weights say how steep it "
        "is and in which direction. "
        "Several neurons on the same inputs are a layer: their weights are the rows of "
        "a matrix."
    ),
    show=show,
)
