"""Pictures of functions of one number: value and slope, by hand and by autograd."""

from dataclasses import dataclass

import numpy as np
import torch

from ...sides.arrays import to_numpy, to_torch
from . import SCRATCH, TORCH, subplots

LOOKS = (  # dashes show what lies beneath where two curves are one
    ("#1f5fa8", "-"),
    ("#b5431b", (0, (4, 4))),
    ("#1b7837", "-"),
    ("#762a83", (0, (4, 4))),
)
THICK = {"linewidth": 5, "alpha": 0.3}


@dataclass(frozen=True)
class Curve:
    """One function: values and slopes of both sides at the same places."""

    name: str
    mine: tuple[np.ndarray, np.ndarray]
    reference: tuple[np.ndarray, np.ndarray]


def values_and_slopes(dtype, function, places, target=None, as_input=lambda x: x):
    """Of a loss or an activation of either side, at each of the places alone.

    `as_input` makes the input of a place, whose slope is that of its first number.
    """
    values, slopes = [], []
    for place in places:
        x = as_input(np.array([place], dtype))
        t = target.astype(dtype) if _floats(target) else target
        if isinstance(function, torch.nn.Module):
            x = to_torch(x).requires_grad_()
            y = function(*([x] if t is None else [x, to_torch(t)]))
            y.reshape(-1)[0].backward()
            slope = to_numpy(x.grad)
        else:
            y, back = function(*([x] if t is None else [x, t]))
            one = np.zeros_like(y)
            one.reshape(-1)[0] = 1
            slope = back(one)
        values.append(to_numpy(y).reshape(-1)[0])
        slopes.append(slope.reshape(-1)[0])
    return np.array(values), np.array(slopes)


def _floats(target) -> bool:
    return target is not None and target.dtype.kind == "f"


def function_panels(panels: dict[str, tuple[np.ndarray, list[Curve]]]):
    """Above the values, below the slopes, one column for each kind of place.

    PyTorch's are thick and translucent, those by hand thin on top.
    """
    figure, axes = subplots(2, len(panels), (5 * len(panels), 7))
    rows = axes.reshape(2, len(panels))
    for column, (label, (x, curves)) in enumerate(panels.items()):
        for row, what in enumerate(("loss", "slope")):
            axis = rows[row, column]
            for curve, (colour, dashes) in zip(curves, LOOKS, strict=False):
                axis.plot(x, curve.reference[row], color=colour, **THICK)
                thin = {"color": colour, "linestyle": dashes, "label": curve.name}
                axis.plot(x, curve.mine[row], **thin)
            axis.axhline(0, color="0.85", linewidth=1, zorder=0)
            axis.set(xlabel=label, ylabel=what)
            if what == "loss":
                axis.legend(frameon=False)
    rows[0, 0].set_title("thin: by hand, thick: torch", fontsize=10)
    return figure


def activation_panels(x: np.ndarray, curves: list[Curve]):
    """One panel for each activation: value solid, slope dashed."""
    columns = 4
    lines = -(-len(curves) // columns)
    figure, axes = subplots(lines, columns, (3.4 * columns, 2.7 * lines))
    for axis in axes[len(curves) :]:
        axis.axis("off")
    for axis, curve in zip(axes, curves, strict=False):
        for row, (colour, style) in enumerate(((SCRATCH, "-"), (TORCH, "--"))):
            label = ("value", "slope")[row]
            axis.plot(x, curve.reference[row], color=colour, **THICK)
            axis.plot(x, curve.mine[row], style, color=colour, label=label)
        axis.axhline(0, color="0.85", linewidth=1, zorder=0)
        axis.axvline(0, color="0.85", linewidth=1, zorder=0)
        axis.set_title(curve.name, fontsize=10)
        axis.set_ylim(-1.6, 2.6)
    axes[0].legend(frameon=False, fontsize=9)
    figure.suptitle("thin: by hand, thick: torch", fontsize=10)
    return figure


def fits(x: np.ndarray, y: np.ndarray, lines: dict):
    """Points, and the lines that several losses lay through them."""
    figure, (axis,) = subplots(1, 1, (7, 4.5))
    axis.scatter(x, y, s=20, color="0.4", zorder=3)
    for (name, pair), (colour, dashes) in zip(lines.items(), LOOKS, strict=False):
        (a, b), (a_torch, b_torch) = pair
        axis.plot(x, a_torch * x + b_torch, color=colour, **THICK)
        axis.plot(x, a * x + b, color=colour, linestyle=dashes, label=name)
    axis.set(xlabel="x", ylabel="y")
    axis.set_title("thin: by hand, thick: torch", fontsize=10)
    axis.legend(frameon=False)
    return figure
