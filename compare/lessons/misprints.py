"""Formulas as often printed, put before the harness."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from twofold import scratch, torch_ref

from ..training.lesson import Demonstration
from . import misprinted as printed
from .misprinted import ANSWERS, BIASES, PICKED, RATE, SAMPLES, TARGETS, WEIGHTS

NUMBERS = np.array([[0.7, -1.2, 2.5], [-0.3, 1.6, 0.4]])
SQUARE = np.array([[0.7, -1.2, 2.5], [-0.3, 1.6, 0.4], [1.1, 0.2, -0.6]])
LARGE = np.array([[1000.0, 1001.0, 999.0]])
CHANCES = np.array([[0.7, 0.2, 0.9], [0.4, 0.6, 0.8]])
START = np.array([0.5, -0.75])


@dataclass(frozen=True)
class Misprint:
    """What was printed, what is right, and PyTorch as the judge of both."""

    letter: str
    printed: str
    right: str
    wrong_pair: Callable
    right_pair: Callable
    reference: Callable
    inputs: np.ndarray
    output: str = "output"


def like(array, x):
    return torch.from_numpy(array).to(x.dtype)


def cross_entropy(p):
    return -(like(TARGETS, p) * torch.log(p)).sum()


def log_likelihood(p):
    t = like(TARGETS, p)
    return (t * torch.log(p) + (1 - t) * torch.log(1 - p)).sum()


def binary_cross_entropy(z):
    criterion = torch_ref.nn.BCEWithLogitsLoss(reduction="sum")
    return criterion(z, like(TARGETS, z))


def binary_by_hand(z):
    criterion = scratch.nn.BCEWithLogitsLoss(reduction="sum")
    loss, back = criterion(z, TARGETS.astype(z.dtype))
    return loss, back


def layer(x):
    return torch.nn.functional.linear(x, like(WEIGHTS, x), like(BIASES, x))


def layer_by_hand(x):
    linear = scratch.nn.Linear(3, 2, dtype=x.dtype)
    linear.load_state_dict({"weight": WEIGHTS, "bias": BIASES})
    return linear(x)


def sgd(samples: slice) -> Callable:
    """The update that PyTorch's SGD makes on these samples."""

    def update(w):
        p = torch.nn.Parameter(w.detach().clone())
        optimizer = torch_ref.optim.SGD([p], lr=RATE)
        x, t = like(SAMPLES[samples], w), like(ANSWERS[samples], w)
        (((x @ p - t) ** 2).mean() / 2).backward()
        optimizer.step()
        return p.detach() - w.detach()

    return update


MISPRINTS = (
    Misprint(
        "a",
        "ReLU' = z(1 - z)",
        "ReLU' = 1 for z > 0, else 0",
        printed.relu,
        scratch.nn.ReLU(),
        torch_ref.nn.ReLU(),
        NUMBERS,
    ),
    Misprint(
        "b",
        "cost = sum y log p",
        "cost = -sum y log p",
        printed.cost_without_minus,
        printed.right_cost,
        cross_entropy,
        CHANCES,
    ),
    Misprint(
        "c",
        "log-likelihood = sum(y log p - (1 - y) log(1 - p))",
        "log-likelihood = sum(y log p + (1 - y) log(1 - p))",
        printed.log_likelihood,
        printed.right_log_likelihood,
        log_likelihood,
        CHANCES,
    ),
    Misprint(
        "d",
        "softmax = exp(x) / exp(x).sum(axis=1), 3 samples of 3 classes",
        "softmax = e / e.sum(axis=1, keepdims=True) with e = exp(x - max x)",
        printed.softmax_without_axis,
        scratch.nn.Softmax(dim=1),
        torch_ref.nn.Softmax(dim=1),
        SQUARE,
    ),
    Misprint(
        "d",
        "softmax = e / e.sum(axis=1, keepdims=True) with e = exp(x), x near 1000",
        "softmax = e / e.sum(axis=1, keepdims=True) with e = exp(x - max x)",
        printed.softmax_without_maximum,
        scratch.nn.Softmax(dim=1),
        torch_ref.nn.Softmax(dim=1),
        LARGE,
    ),
    Misprint(
        "e",
        "binary cross-entropy = -sum y log softmax(z)",
        "binary cross-entropy = -sum(y log s(z) + (1 - y) log(1 - s(z)))",
        printed.softmax_for_binary,
        binary_by_hand,
        binary_cross_entropy,
        NUMBERS,
    ),
    Misprint(
        "f",
        "w += rate * gradient of the loss",
        "w -= rate * gradient of the loss",
        printed.uphill,
        printed.downhill,
        sgd(slice(None)),
        START,
        "update",
    ),
    Misprint(
        "g",
        "z_j = sum_i w_ij + b_j",
        "z_j = sum_i w_ij x_i + b_j",
        printed.sum_without_inputs,
        layer_by_hand,
        layer,
        NUMBERS,
    ),
    Misprint(
        "h",
        "tanh x = 2 / (1 + e^-x) - 1",
        "tanh x = 2 / (1 + e^-2x) - 1",
        printed.tanh,
        scratch.nn.Tanh(),
        torch_ref.nn.Tanh(),
        NUMBERS,
    ),
    Misprint(
        "i",
        "pick a sample n; w -= rate * gradient of L",
        "pick a sample n; w -= rate * gradient of L_n",
        printed.one_sample_full_gradient,
        printed.one_sample,
        sgd(slice(PICKED, PICKED + 1)),
        START,
        "update",
    ),
)


def show(stage) -> None:
    rows = [
        "| | as printed | verdict | where | cause | right | verdict |",
        "|---|---|---|---|---|---|---|",
    ]
    for number, m in enumerate(MISPRINTS):
        with np.errstate(all="ignore"):
            wrong = stage.expose(
                f"({m.letter}) {m.printed}", m.wrong_pair, m.reference, m.inputs
            )
        name = f"({m.letter}) right" + (" again" if is_second(number) else "")
        right = stage.check(name, m.right_pair, m.reference, m.inputs)
        where = (wrong.first or "nowhere").replace("output", m.output)
        stage.say(f"({m.letter}) printed: {m.printed}")
        stage.say(f"    {wrong.verdict}, first in: {where}; {wrong.cause}")
        stage.say(f"    right:   {m.right}: {right.verdict}")
        cells = m.letter, m.printed, wrong.verdict, where, wrong.cause
        rows.append(f"| {' | '.join(map(str, (*cells, m.right, right.verdict)))} |")
    stage.show("misprints", "\n".join(rows))

    try:
        printed.softmax_without_axis(NUMBERS)
        raised = None
    except ValueError as error:
        raised = error
    stage.same("(d) raises for 2 samples of 3 classes", raised is not None)
    stage.say(f"(d) as printed, for 2 samples of 3 classes: {raised}")
    before, up, down = (
        printed.loss(w)
        for w in (
            START,
            *(START + f(START)[0] for f in (printed.uphill, printed.downhill)),
        )
    )
    stage.say(
        f"(f) one step from a loss of {before:.4f}: printed {up:.4f}, right {down:.4f}"
    )


def is_second(number: int) -> bool:
    """Whether the letter has stood before: rows are told apart by their names."""
    return number > 0 and MISPRINTS[number - 1].letter == MISPRINTS[number].letter


LESSON = Demonstration(
    name="misprints",
    title="Formulas as often printed, and what the harness says of them",
    shows=(
        "Each formula has stood in print as it stands here, and each is wrong. "
        "A forward formula that is wrong makes another function, whose own gradient "
        "may well fit it; a wrong slope contradicts its own forward, and is named. "
        "Beside each stands the right formula, which matches."
    ),
    show=show,
)
