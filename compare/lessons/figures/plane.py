"""Pictures of what a network makes of a plane: surfaces and boundaries, over time."""

from collections.abc import Callable, Iterator

import numpy as np

from ...training.lesson import TREES, LessonSide
from ...training.lockstep import as_array
from ...training.outcome import Outcome
from ..data.basics import PlaneData, features_of
from . import SCRATCH, TORCH, subplots, tile

GRID = 61  # points in each direction
UNITS_IN_A_ROW = 8
MARGIN = 0.08  # beyond the samples, as a share of their spread
FIRST, SECOND = "#e08214", "#2166ac"  # of the two classes, told apart also in grey


def colour_map():
    """From the first class's colour over white to the second's."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("classes", [FIRST, "white", SECOND])


def grid(o: Outcome) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Both axes as the data name them, and the grid's points as the network sees them.

    A lesson may have moved and stretched the features: how, the training samples tell.
    """
    raw, seen = samples(o), np.asarray(o.sides["scratch"].x)
    low, high = raw.min(axis=0), raw.max(axis=0)
    room = MARGIN * (high - low)
    first, second = (
        np.linspace(a, b, GRID) for a, b in zip(low - room, high + room, strict=True)
    )
    points = np.stack([m.reshape(-1) for m in np.meshgrid(first, second)], axis=1)
    if isinstance(o.data, PlaneData):
        return first, second, features_of(points, o.data.features)
    stretch = seen.std(axis=0) / raw.std(axis=0)
    return first, second, (points - raw.mean(axis=0)) * stretch + seen.mean(axis=0)


def samples(o: Outcome) -> np.ndarray:
    """The training samples as they lie in the plane."""
    return o.data.points if isinstance(o.data, PlaneData) else o.data.x_train


def decision_surface(threshold: float, reach: float) -> Callable:
    """A figure for networks with two inputs and one output, the second class's.

    The colours end where the output is `reach` away from the `threshold`; there are the
    boundaries of both sides, torch_ref's thick and translucent, scratch's thin on top.
    """

    def decision_surface(o: Outcome) -> Iterator[tuple[str, object]]:
        figure, (axis,) = subplots(1, 1, (6, 5))
        first, second, points = grid(o)
        outputs = {
            side: o.predict(points, side).reshape(GRID, GRID) for side in o.sides
        }
        axis.imshow(
            outputs["scratch"],
            cmap=colour_map(),
            vmin=threshold - reach,
            vmax=threshold + reach,
            alpha=0.6,
            extent=(*first[[0, -1]], *second[[0, -1]]),
            origin="lower",
            interpolation="bilinear",
            aspect="auto",
        )
        styles = {"torch_ref": (TORCH, 5, 0.45), "scratch": (SCRATCH, 1.3, 1)}
        for side, (colour, width, alpha) in styles.items():
            y = outputs[side]
            if y.min() < threshold < y.max():
                axis.contour(
                    first,
                    second,
                    y,
                    levels=[threshold],
                    colors=colour,
                    linewidths=width,
                    alpha=alpha,
                )
            axis.plot([], [], color=colour, linewidth=width, alpha=alpha, label=side)
        draw_samples(axis, o, size=22 if len(o.data.x_train) > 20 else 120)
        axis.set(xlim=first[[0, -1]], ylim=second[[0, -1]])
        axis.legend(
            loc="upper center", bbox_to_anchor=(0.5, -0.12), ncol=4, frameon=False
        )
        yield "decision_surface", figure

    return decision_surface


def draw_samples(axis, o: Outcome, size: float) -> None:
    """The training samples of both classes, and the axes' names."""
    y = np.asarray(o.data.y_train).reshape(-1)
    classes = o.data.classes or ("0", "1")
    looks = zip(np.unique(y), classes, (FIRST, SECOND), ("o", "s"), strict=False)
    for value, name, colour, marker in looks:
        axis.scatter(
            *samples(o)[y == value].T,
            s=size,
            c=colour,
            marker=marker,
            edgecolors="black",
            linewidths=0.5,
            label=name,
        )
    names = ("x", "y") if isinstance(o.data, PlaneData) else o.data.features
    axis.set(xlabel=names[0], ylabel=names[1])


def hidden_surfaces(o: Outcome) -> Iterator[tuple[str, np.ndarray]]:
    """What each hidden unit of an MLP makes of the plane, a row of images a layer.

    Blue where its output is positive, red where it is negative, white at 0.
    """
    _, _, points = grid(o)
    for side, experiment in o.sides.items():
        part = LessonSide(TREES[side], {}, o.settings, np.dtype(o.settings.dtype))
        x = part.array(points)
        *hidden, _ = experiment.model.layers
        for number, layer in enumerate(hidden):
            x = layer(x)
            x = x[0] if isinstance(x, tuple) else x.detach()
            if number % 2:  # after the activation
                surfaces = as_array(x).T.reshape(-1, GRID, GRID)[:, ::-1]
                columns = min(UNITS_IN_A_ROW, len(surfaces))
                image = tile(surfaces, (GRID, GRID), columns, zoom=2)
                yield f"{side}: hidden layer {number // 2 + 1}", image
