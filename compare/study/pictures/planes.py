"""Pictures over a plane: a vector of two numbers moves, all else stands still.

Height lines are scratch's values. Arrows (scratch) and the bars below them (torch_ref)
have one length: the gradient's direction, for losses its opposite, where a step goes.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from twofold import scratch, torch_ref

from ...concepts.catalogue import Concept
from ...sides.arrays import to_numpy, to_torch
from .drawing import FAINT, INK, SCRATCH, THIRD, TORCH, Picture, both, draw

EXTENT = 3.0
FINE, COARSE = 121, 10  # points along each side, for height lines and for arrows


@dataclass(frozen=True)
class Panel:
    """`inputs(points)` are the layer's inputs, of which those of `moving` are drawn;
    `options(tree)` are of the side whose `nn` is `tree`."""

    title: str
    inputs: Callable
    moving: tuple[int, ...] = (0,)
    options: Callable = lambda tree: {}
    marks: tuple = ()  # of points that stand still: a label and where


def _at(*point):
    return lambda points: np.tile(np.array(point, np.float32), (len(points), 1))


FIXED, POSITIVE, NEGATIVE = (1.5, 0.75), (1.5, 0.5), (-1.0, -0.5)
TRIPLET = (("positive", POSITIVE), ("negative", NEGATIVE))


def _beside(*point):
    return lambda points: (points, _at(*point)(points))


def _target(t, dtype=np.float32):
    return lambda points: (
        points,
        _at(*FIXED)(points),
        np.full(len(points), t, dtype),
    )


def _class(t):
    return lambda points: (points, np.full(len(points), t))


def _anchor_moves(points):
    return points, _at(*POSITIVE)(points), _at(*NEGATIVE)(points)


def _negative_moves(points):
    return _at(0.0, 0.0)(points), _at(*POSITIVE)(points), points


def _distances(p):
    return lambda tree: {"distance_function": tree.PairwiseDistance(p)}


WAYS = ((0.0, 1.0), (0.87, -0.5), (-0.87, -0.5))  # weights of three classes
CLASSES = tuple((f"W{i}", way) for i, way in enumerate(WAYS))


def _three(tree):
    return {"in_features": 2, "num_classes": 3}


X2 = (("x2", FIXED),)
PLANES = {
    "PairwiseDistance": [
        Panel(f"p = {p:g}", _beside(*FIXED), (0,), lambda tree, p=p: {"p": p}, X2)
        for p in (1.0, 2.0, np.inf)
    ],
    "CosineSimilarity": [Panel("cosine to x2", _beside(*FIXED), marks=X2)],
    "CosineEmbeddingLoss": [
        Panel("target 1: to be alike", _target(1), marks=X2),
        Panel("target -1: not to be", _target(-1), marks=X2),
    ],
    "TripletMarginLoss": [
        Panel("the anchor moves", _anchor_moves, marks=TRIPLET),
        Panel(
            "the negative moves",
            _negative_moves,
            (2,),
            marks=(("anchor", (0, 0)), TRIPLET[0]),
        ),
    ],
    "TripletMarginWithDistanceLoss": [
        Panel(
            f"PairwiseDistance({p:g}), the anchor moves",
            _anchor_moves,
            (0,),
            _distances(p),
            TRIPLET,
        )
        for p in (1.0, np.inf)
    ],
    "Bilinear": [
        Panel(
            "y = x1 x2",
            lambda points: (points[:, :1], points[:, 1:]),
            (0, 1),
            lambda tree: {"in1_features": 1, "in2_features": 1, "out_features": 1},
        )
    ],
    "LinearCrossEntropyLoss": [
        Panel(f"target {t}, rows of W marked", _class(t), (0,), _three, CLASSES)
        for t in (0, 1)
    ],
}


def plane(thing, name: str) -> Picture:
    panels = PLANES[name]
    down = name.endswith("Loss")

    def paint(*all_axes):
        for axes, panel in zip(all_axes, panels, strict=True):
            _paint(axes, name, panel, down)
        if name == "Bilinear":
            all_axes[0].set(xlabel="x1", ylabel="x2")

    way = "arrows downhill" if down else "arrows along the gradient"
    what = "x1 and x2" if name == "Bilinear" else "a vector in the plane"
    caption = f"{name} of {what}: height lines, and {way}, NumPy’s on PyTorch’s bars"
    return draw(paint, caption, len(panels))


def _paint(axes, name: str, panel: Panel, down: bool) -> None:
    points, (x, y) = _grid(FINE)
    values, _ = _mine(name, panel, points)
    z = values.reshape(x.shape)
    lines = axes.contour(x, y, z, 8, colors=FAINT, linewidths=1)
    axes.clabel(lines, fontsize=8, colors=INK, fmt="%.2g")
    points, (x, y) = _grid(COARSE)
    bar = {"headwidth": 1, "headlength": 0, "headaxislength": 0}
    for slopes, style in (
        (_theirs(name, panel, points), {"color": TORCH, "alpha": 0.4, **bar}),
        (
            _mine(name, panel, points)[1],
            {"color": SCRATCH, "headwidth": 6, "headlength": 6},
        ),
    ):
        size = np.linalg.norm(slopes, axis=1, keepdims=True)
        way = np.where(size > 1e-5, slopes / np.maximum(size, 1e-5), np.nan)
        way = -way if down else way
        width = 0.02 if "alpha" in style else 0.008
        axes.quiver(x, y, *way.T, width=width, scale=11, pivot="mid", **style)
    for label, (across, up) in panel.marks:
        axes.plot(across, up, "o", color=THIRD, ms=7)
        axes.annotate(
            label,
            (across, up),
            xytext=(6, 6),
            textcoords="offset points",
            color=THIRD,
            weight="bold",
        )
    axes.set(title=panel.title, aspect="equal")


def _grid(count: int):
    """Points (N, 2), and their coordinates. None is the origin or on an axis."""
    side = np.linspace(-EXTENT, EXTENT, count) + 0.037
    x, y = np.meshgrid(side, side)
    return np.stack([x, y], -1).reshape(-1, 2).astype(np.float32), (x, y)


def _layer(tree, name: str, panel: Panel):
    options = panel.options(tree.nn)
    if name.endswith("Loss"):
        options["reduction"] = "none"
    layer = getattr(tree.nn, name)(**options)
    given = {"Bilinear": [[[1.0]], [0.0]], "LinearCrossEntropyLoss": [WAYS]}
    for parameter, value in zip(layer.parameters(), given.get(name, ()), strict=True):
        value = np.array(value, np.float32).reshape(parameter.shape)
        parameter.data[...] = value if tree is scratch else to_torch(value)
    return layer


def _mine(name: str, panel: Panel, points):
    y, back = _layer(scratch, name, panel)(*panel.inputs(points))
    slopes = back(np.ones_like(y))
    slopes = slopes if isinstance(slopes, tuple) else (slopes,)
    return y, np.concatenate([slopes[i] for i in panel.moving], axis=1)


def _theirs(name: str, panel: Panel, points):
    inputs = [to_torch(x) for x in panel.inputs(points)]
    for i in panel.moving:
        inputs[i].requires_grad_()
    _layer(torch_ref, name, panel)(*inputs).sum().backward()
    return np.concatenate([to_numpy(inputs[i].grad) for i in panel.moving], axis=1)


# Gradients of two numbers, before and after they are clipped.

TURN = np.linspace(0, 2 * np.pi, 241)
CLIPS = {
    "clip_grad_norm_": {"max_norm": 1.5},
    "clip_grad_value_": {"clip_value": 1.5},
    "clip_grads_with_norm_": {"max_norm": 1.5, "total_norm": 3.0},
}


def clipped(thing, name: str) -> Picture:
    across, up = 3 * np.cos(TURN), np.sin(TURN)
    before = np.stack([0.9 * across - 0.44 * up, 0.44 * across + 0.9 * up], axis=1)
    after = [
        _clipped(tree, name, before.astype(np.float32)) for tree in (scratch, torch_ref)
    ]

    def paint(left):
        left.plot(*before.T, color=FAINT, linestyle="--", label="before")
        _both_ways(left, *after)
        left.legend(loc="upper left", bbox_to_anchor=(1, 1))
        left.set(xlabel="gradient of one number", ylabel="of another")

    words = ", ".join(f"{k}={v}" for k, v in CLIPS[name].items())
    return draw(paint, f"{name}({words}): gradients on an ellipse, before and after")


def _both_ways(axes, mine, theirs) -> None:
    axes.axhline(0, color=FAINT, linewidth=0.8)
    axes.axvline(0, color=FAINT, linewidth=0.8)
    axes.plot(*theirs.T, color=TORCH, linewidth=6, alpha=0.35, label="PyTorch")
    axes.plot(*mine.T, color=SCRATCH, linewidth=1.6, label="NumPy")
    axes.set_aspect("equal")


def _clipped(tree, name: str, gradients) -> np.ndarray:
    clip, found = getattr(tree.nn.utils, name), []
    for g in gradients:
        g = g.copy() if tree is scratch else to_torch(g)
        p = tree.nn.Parameter(g * 0)
        p.grad = g
        options = dict(CLIPS[name])
        if "total_norm" in options and tree is torch_ref:
            options["total_norm"] = torch.tensor(options["total_norm"])
        clip([p], **options)
        found.append(to_numpy(p.grad))
    return np.array(found)


def norm_one(thing, name: str) -> Picture:
    """All gradients of norm 1."""
    ways = np.stack([np.cos(TURN), np.sin(TURN)], axis=1).astype(np.float32)

    def paint(*panels):
        for axes, kind in zip(panels, (1.0, 2.0, float("inf")), strict=True):
            mine = np.array(
                [w / scratch.nn.utils.get_total_norm([w], kind) for w in ways]
            )
            norm = torch_ref.nn.utils.get_total_norm
            theirs = np.array([w / norm([to_torch(w)], kind).item() for w in ways])
            _both_ways(axes, mine, theirs)
            axes.set(title=f"norm_type={kind:g}", xlim=(-1.3, 1.3), ylim=(-1.3, 1.3))
        panels[0].legend(loc="upper right")

    return draw(paint, f"{name}: the gradients of two numbers whose norm is 1", 3)


def utility_picture(concept: Concept) -> Picture | None:
    name = concept.name.rpartition(".")[2]
    if name == "get_total_norm":
        return norm_one(concept.scratch, name)
    return clipped(concept.scratch, name) if name in CLIPS else None


# Functions of one number that are made of several.


def composed(thing, name: str) -> Picture:
    """What each layer of a small network makes of one number."""
    mine, theirs = (
        tree.nn.Sequential(tree.nn.Linear(1, 3), tree.nn.Tanh(), tree.nn.Linear(3, 1))
        for tree in (scratch, torch_ref)
    )
    x = np.linspace(-6, 6, 121, dtype=np.float32)[:, None]
    stages, a, b = [], x, to_torch(x)
    for here, there in zip(mine, theirs, strict=True):
        (a, _), b = here(a), there(b)
        stages.append((type(here).__name__, a, to_numpy(b)))

    def paint(*panels):
        for axes, (title, a, b) in zip(panels, stages, strict=True):
            for i in range(a.shape[1]):
                both(axes, x[:, 0], a[:, i], b[:, i])
            axes.set(title=f"after {title}", xlabel="x")
        handles, labels = panels[-1].get_legend_handles_labels()
        panels[-1].legend(handles[:2], labels[:2])

    caption = f"{name}(Linear(1, 3), Tanh(), Linear(3, 1)): one number on its way"
    return draw(paint, caption, 3)
