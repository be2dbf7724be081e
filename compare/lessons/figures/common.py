"""Pictures of a lesson for the dashboard, each a function of what both sides put out.

A figure takes an `Outcome` and yields (tag, picture) pairs; a picture is an image array
of shape (height, width, 3), a matplotlib figure, Markdown, `board.Points`, or a float,
which becomes a curve. A tag "scratch: name" belongs to one side, "name" to the
comparison. In overlays torch_ref is drawn thick and translucent, scratch thin on top,
since two equal curves hide one another.
"""

from collections.abc import Iterator

import numpy as np

from ...training.outcome import Outcome

SCRATCH, TORCH = "#1f5fa8", "#b5431b"
FILTERS = 40  # of the first layer, the strongest


def confusion_matrix(o: Outcome) -> Iterator[tuple[str, object]]:
    """How often a digit (row) was read as another (column), both sides side by side."""
    names = o.data.classes
    figure, axes = subplots(1, len(o.outputs), (8, 4))
    for axis, (side, output) in zip(axes, o.outputs.items(), strict=True):
        table = np.zeros((len(names), len(names)), int)
        np.add.at(table, (o.target, output.argmax(axis=1)), 1)
        axis.imshow(table, cmap="Blues", vmax=table.sum(axis=1).max())
        for (i, j), n in np.ndenumerate(table):
            if n:
                shade = "white" if n > table.max() / 2 else "black"
                axis.text(j, i, n, ha="center", va="center", color=shade, fontsize=8)
        right = np.trace(table)
        axis.set(
            title=f"{side}: {right} of {table.sum()} right",
            xlabel="read as",
            ylabel="is",
            xticks=range(len(names)),
            yticks=range(len(names)),
            xticklabels=names,
            yticklabels=names,
        )
    yield "confusion_matrix", figure


def first_layer_filters(o: Outcome) -> Iterator[tuple[str, np.ndarray]]:
    """What the strongest first units look for: weights as images, blue for positive."""
    for side, weights in o.weights.items():
        first = next(iter(weights.values()))
        strongest = np.argsort(-np.linalg.norm(first, axis=1))[:FILTERS]
        yield f"{side}: first_layer_filters", tile(first[strongest], o.data.image_shape)


def tile(rows: np.ndarray, shape: tuple[int, int], columns: int = 8, zoom: int = 6):
    """Rows of weights as small images in a grid, white for 0, blue for +, red for -."""
    n, (height, width) = len(rows), shape
    lines = -(-n // columns)
    grid = np.full((lines * (height + 1) + 1, columns * (width + 1) + 1), np.nan)
    top = np.abs(rows).max() or 1.0
    for k, row in enumerate(rows):
        i, j = divmod(k, columns)
        y, x = i * (height + 1) + 1, j * (width + 1) + 1
        grid[y : y + height, x : x + width] = row.reshape(shape) / top
    strength = np.abs(np.nan_to_num(grid))[..., None]
    colour = np.where(np.nan_to_num(grid)[..., None] >= 0, _rgb(SCRATCH), _rgb(TORCH))
    image = 1 - strength * (1 - colour)
    image[np.isnan(grid)] = 0.85
    return np.kron(image, np.ones((zoom, zoom, 1)))


def predicted_against_actual(o: Outcome) -> Iterator[tuple[str, object]]:
    """Each test sample as a point; on the diagonal the number was right."""
    figure, (axis,) = subplots(1, 1, (5, 5))
    mean, scale = o.data.y_train.mean(), o.data.y_train.std()
    actual = o.target * scale + mean
    styles = {
        "torch_ref": {"s": 60, "alpha": 0.35, "color": TORCH},
        "scratch": {"s": 8, "color": SCRATCH},
    }
    for side in reversed(list(o.outputs)):
        axis.scatter(actual, o.outputs[side] * scale + mean, label=side, **styles[side])
    ends = [actual.min(), actual.max()]
    axis.plot(ends, ends, color="0.6", linewidth=1, zorder=0)
    axis.set(xlabel=f"{o.data.target}, actual", ylabel="predicted")
    axis.legend(frameon=False)
    yield "predicted_against_actual", figure


def _rgb(colour: str) -> np.ndarray:
    return np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])


def subplots(rows: int, columns: int, size: tuple[float, float]):
    """A figure outside pyplot's registry, which would keep it alive."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained", dpi=100)
    axes = figure.subplots(rows, columns, squeeze=False)
    return figure, axes.reshape(-1)
