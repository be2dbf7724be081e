"""Pictures of optimisers, schedules and fillings, both sides in each."""

import numpy as np
import torch

from twofold import scratch, torch_ref

from ...concepts.catalogue import Concept
from ...sides.arrays import to_numpy, to_torch
from .drawing import FAINT, SCRATCH, TORCH, Picture, both, draw, image

START = (-2.0, 1.6)
STEPS = 60
RATES = {  # at which each of them gets somewhere on this valley in so many steps
    "SGD": {"lr": 0.05, "momentum": 0.8},
    "ASGD": {"lr": 0.08},
    "Adadelta": {"lr": 20.0},
    "Adafactor": {"lr": 0.3},
    "Adagrad": {"lr": 0.6},
    "LBFGS": {"lr": 0.3, "max_iter": 2},
    "Muon": {"lr": 0.1},
    "NAdam": {"lr": 0.1},
    "RAdam": {"lr": 0.2},
    "RMSprop": {"lr": 0.1},
    "Rprop": {"lr": 0.05},
}
STEEPNESS = np.array([0.6, 4.0])


def _height(p):
    """A valley that is steep across and flat along, seen askew."""
    u, v = 0.8 * p[0] + 0.6 * p[1], -0.6 * p[0] + 0.8 * p[1]
    return (STEEPNESS[0] * u * u + STEEPNESS[1] * v * v) / 2


def _slope(p):
    u, v = 0.8 * p[0] + 0.6 * p[1], -0.6 * p[0] + 0.8 * p[1]
    a, b = STEEPNESS[0] * u, STEEPNESS[1] * v
    return np.array([0.8 * a - 0.6 * b, 0.6 * a + 0.8 * b])


def path_picture(concept: Concept) -> Picture | None:
    name = concept.name.rpartition(".")[2]
    options = RATES.get(name, {"lr": 0.15})
    try:
        mine = _walk(scratch, concept.scratch, name, options)
        theirs = _walk(torch_ref, concept.torch, name, options)
    except (TypeError, ValueError, RuntimeError, AttributeError):
        return None
    x, y = np.meshgrid(np.linspace(-2.6, 1.6, 120), np.linspace(-1.6, 2.2, 120))

    def paint(left, right):
        left.contour(
            x, y, _height((x, y)) ** 0.5, 12, colors=FAINT, linewidths=0.7, alpha=0.7
        )
        left.plot(*theirs.T, color=TORCH, linewidth=6, alpha=0.35, label="PyTorch")
        left.plot(
            *mine.T, color=SCRATCH, linewidth=1.3, marker="o", ms=2.5, label="NumPy"
        )
        left.plot(0, 0, "+", color=FAINT, ms=12)
        left.set(xlim=(-2.6, 1.6), ylim=(-1.6, 2.2), title="path in a narrow valley")
        left.legend()
        steps = np.arange(len(mine))
        heights = [
            np.maximum([_height(p) for p in way], 1e-12) for way in (mine, theirs)
        ]
        both(right, steps, *heights)
        right.set(yscale="log", xlabel="step", title="height")

    words = ", ".join(f"{k}={v:g}" for k, v in options.items())
    return draw(paint, f"{name}({words}), {STEPS} steps down a valley", 2)


def _walk(tree, optimiser, name: str, options: dict) -> np.ndarray:
    matrix = name == "Muon"
    start = np.array([START] if matrix else START, np.float32)
    p = tree.nn.Parameter(to_torch(start) if tree is torch_ref else start.copy())
    optimizer = optimiser([p], **options)
    way = [np.array(START)]

    def closure():
        here = to_numpy(p.data).reshape(-1).astype(np.float64)
        g = _slope(here).astype(np.float32).reshape(start.shape)
        if name == "SparseAdam":
            g = _sparse(tree, g)
        elif tree is torch_ref:
            g = to_torch(g)
        p.grad = g
        return float(_height(here))

    for _ in range(STEPS):
        if name == "LBFGS":
            optimizer.step(closure)
        else:
            closure()
            optimizer.step()
        way.append(to_numpy(p.data).reshape(-1).astype(np.float64))
    return np.array(way)


def _sparse(tree, g):
    from twofold.scratch._sparse import SparseGradient

    if tree is torch_ref:
        return torch.from_numpy(g).to_sparse()
    return SparseGradient(np.arange(g.size)[None], g, g.shape)


EPOCHS = 60
SCHEDULES = {
    "StepLR": {"step_size": 15, "gamma": 0.4},
    "MultiStepLR": {"milestones": [15, 35, 50], "gamma": 0.4},
    "ConstantLR": {"factor": 0.3, "total_iters": 20},
    "LinearLR": {"start_factor": 0.1, "total_iters": 25},
    "ExponentialLR": {"gamma": 0.95},
    "PolynomialLR": {"total_iters": 50, "power": 2.0},
    "CosineAnnealingLR": {"T_max": 30},
    "CosineAnnealingWarmRestarts": {"T_0": 10, "T_mult": 2},
    "CyclicLR": {"base_lr": 0.1, "max_lr": 1.0, "step_size_up": 8},
    "OneCycleLR": {"max_lr": 1.0, "total_steps": EPOCHS + 1},
    "LambdaLR": {"lr_lambda": lambda t: 1 / (1 + 0.1 * t)},
    "MultiplicativeLR": {"lr_lambda": lambda t: 0.96},
    "ReduceLROnPlateau": {"patience": 4, "factor": 0.5},
    "SWALR": {"swa_lr": 0.2, "anneal_epochs": 20},
}
BUILT = {
    "SequentialLR": lambda s, o: s.SequentialLR(
        o,
        [s.LinearLR(o, 0.1, total_iters=10), s.ExponentialLR(o, 0.95)],
        milestones=[10],
    ),
    "ChainedScheduler": lambda s, o: s.ChainedScheduler(
        [s.ConstantLR(o, 0.3, total_iters=12), s.ExponentialLR(o, 0.96)]
    ),
}


def schedule_picture(concept: Concept) -> Picture | None:
    name = concept.name.rpartition(".")[2]
    try:
        mine = _rates(scratch, concept.scratch, name)
        theirs = _rates(torch_ref, concept.torch, name)
    except (TypeError, ValueError, RuntimeError, AttributeError, KeyError):
        return None

    def paint(left):
        both(left, np.arange(len(mine)), mine, theirs)
        left.set(xlabel="epoch", ylim=(0, None), title="learning rate")
        left.legend()

    shown = SCHEDULES.get(name, {})
    words = ", ".join(f"{k}={v}" for k, v in shown.items() if not callable(v))
    return draw(paint, f"{name}({words}) from a rate of 1, {EPOCHS} epochs")


def _rates(tree, schedule, name: str) -> list[float]:
    p = tree.nn.Parameter(
        torch.zeros(1) if tree is torch_ref else np.zeros(1, np.float32)
    )
    optimizer = tree.optim.SGD([p], lr=1.0, momentum=0.9)
    if name in BUILT:
        scheduler = BUILT[name](tree.optim.lr_scheduler, optimizer)
    else:
        scheduler = schedule(optimizer, **SCHEDULES[name])
    rates = []
    for epoch in range(EPOCHS):
        rates.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        if name == "ReduceLROnPlateau":
            scheduler.step(max(1.0 - 0.08 * epoch, 0.2))  # falls, then stays
        else:
            scheduler.step()
    return rates


SHAPES = {"eye_": (8, 8), "sparse_": (16, 16), "orthogonal_": (16, 16)}
FILLINGS = {"constant_": {"val": 0.3}, "sparse_": {"sparsity": 0.7}}


def filling_picture(concept: Concept) -> Picture | None:
    name = concept.name.rpartition(".")[2]
    shape = (3, 3, 5, 5) if name == "dirac_" else SHAPES.get(name, (256, 128))
    options = FILLINGS.get(name, {})
    mine, theirs = np.empty(shape, np.float32), torch.empty(shape)
    scratch.manual_seed(0)
    torch.manual_seed(0)
    concept.scratch(mine, **options)
    concept.torch(theirs, **options)
    theirs = theirs.numpy()
    if name == "dirac_":
        mine, theirs = (a.transpose(0, 2, 1, 3).reshape(15, 15) for a in (mine, theirs))

    def paint(left, right):
        if mine.size <= 256:
            image(left, mine, "NumPy")
            image(right, theirs, "PyTorch, the same seed")
            return
        spread = (mine.min(), mine.max()) if mine.min() < mine.max() else None
        _, edges, _ = right.hist(
            theirs.ravel(),
            60,
            range=spread,
            color=TORCH,
            alpha=0.35,
            label="PyTorch",
        )
        right.hist(
            mine.ravel(),
            edges,
            histtype="step",
            color=SCRATCH,
            linewidth=1.4,
            label="NumPy",
        )
        right.set(title=f"{mine.size:,} weights", yticks=[])
        right.legend()
        image(left, mine[:24, :24], "a corner of the matrix")

    return draw(paint, f"{name}: values from seed 0 on both sides", 2)
