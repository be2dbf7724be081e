"""Pictures of the networks that read and write: samples, and gradients over time."""

from collections.abc import Iterator

import numpy as np
import torch

from twofold import scratch, torch_ref

from ...training.lesson import TREES, LessonSide
from ...training.outcome import Outcome
from ..data.networks import decode
from . import SCRATCH, TORCH, subplots

WRITTEN = 40  # names
LONGEST = 14  # letters of them
TEMPERATURE = 0.8
STEPS, SEQUENCES = 60, 32  # over which gradients are followed


def written(o: Outcome, side: str) -> list[str]:
    """Names that one side writes. The random streams are left as they were."""
    tree, model = TREES[side], o.sides[side].model
    part = LessonSide(tree, {}, o.settings, np.dtype(o.settings.dtype))
    window = getattr(model, "window", LONGEST + 1)
    writer = tree.models.Writer(model, LONGEST, TEMPERATURE, window)
    start = part.array(np.zeros((WRITTEN, 1), np.int64))
    with torch.random.fork_rng(devices=[]), scratch.random.fork_rng():
        tree.manual_seed(0)
        text = writer(start)
    text = text.cpu().numpy() if tree is torch_ref else text[0]
    return [decode(row) for row in text]


def samples(o: Outcome) -> Iterator[tuple[str, str]]:
    """What both sides write at this point of the training."""
    for side in o.sides:
        yield f"{side}: writes", ", ".join(written(o, side))


def invented(o: Outcome) -> list[str]:
    """Of the names that scratch writes, those that nobody showed it."""
    known = {decode(row) for row in (*o.data.x_train, *o.data.x_test)}
    return [name for name in written(o, "scratch") if name and name not in known]


def gradient_norms(o: Outcome, side: str) -> np.ndarray:
    """How much of a gradient at the last step reaches each step before it.

    Element k is the norm for the input k steps back, relative to that at the last step.
    """
    rng = np.random.default_rng(0)
    tree, model = TREES[side], o.sides[side].model
    part = LessonSide(tree, {}, o.settings, np.dtype(o.settings.dtype))
    symbols = model.embedding.num_embeddings
    text = part.array(rng.integers(0, symbols, (SEQUENCES, STEPS)))
    width = model.recurrent.hidden_size
    dlast = part.array(rng.standard_normal((SEQUENCES, width)))
    if tree is torch_ref:
        vectors = model.embedding(text).detach().requires_grad_()
        states, _ = model.recurrent(vectors)
        (dx,) = torch.autograd.grad(states[:, -1], vectors, dlast)
        dx = dx.cpu().numpy()
    else:
        model.requires_grad_(False)  # the gradients of the training stay
        vectors, _ = model.embedding(text)
        (states, _), back = model.recurrent(vectors)
        dstates = np.zeros_like(states)
        dstates[:, -1] = dlast
        dx = back(dstates)
        model.requires_grad_()
    norms = np.linalg.norm(dx.astype(np.float64), axis=(0, 2))[::-1]
    return norms / norms[0]


def gradient_over_distance(o: Outcome) -> Iterator[tuple[str, object]]:
    """Straight down: vanishing; up: exploding."""
    figure, (axis,) = subplots(1, 1, (6, 4))
    styles = {
        "torch_ref": {"linewidth": 6, "alpha": 0.35, "color": TORCH},
        "scratch": {"linewidth": 1.2, "color": SCRATCH},
    }
    for side in reversed(list(o.sides)):
        norms = np.maximum(gradient_norms(o, side), np.finfo(np.float32).tiny)
        axis.semilogy(norms, label=side, **styles[side])
    axis.set(xlabel="steps back", ylabel="gradient, relative to that at the last step")
    axis.axhline(1, color="0.6", linewidth=1, zorder=0)
    axis.legend(frameon=False)
    yield "gradient_over_distance", figure
