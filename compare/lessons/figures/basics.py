"""Pictures of the first lessons: a graph, a unit, lines and what they divide."""

from collections.abc import Iterator

import numpy as np

from ...training.outcome import Outcome
from . import SCRATCH, TORCH, subplots

STYLES = {  # of both sides' lines, drawn in this order
    "torch_ref": {"color": TORCH, "linewidth": 6, "alpha": 0.4},
    "scratch": {"color": SCRATCH, "linewidth": 1.5},
}

PLACES = {  # of the nodes of the small graph
    "x": (0, 1),
    "W1": (0, 0),
    "z1": (1, 1),
    "a1": (2, 1),
    "w2": (2, 0),
    "z2": (3, 1),
    "y": (4, 1),
    "t": (4, 0),
    "L": (5, 1),
}
EDGES = ("x z1", "W1 z1", "z1 a1", "a1 z2", "w2 z2", "z2 y", "y L", "t L")


def graph_picture(mine: dict, reference: dict):
    """The nodes with their values, and below each its derivative on both sides."""
    figure, (axis,) = subplots(1, 1, (11, 4))
    for edge in EDGES:
        start, end = (np.array(PLACES[name]) for name in edge.split())
        axis.annotate(
            "",
            end,
            start,
            arrowprops={"arrowstyle": "->", "shrinkA": 34, "shrinkB": 34},
        )
    for name, (x, y) in PLACES.items():
        value, slope = mine[name]
        axis.text(
            x,
            y,
            f"{name}\n{value:.4f}",
            ha="center",
            va="center",
            fontsize=12,
            bbox={"boxstyle": "circle", "facecolor": "white", "edgecolor": "0.4"},
        )
        axis.text(x, y - 0.36, f"{slope:+.5f}", ha="center", color=SCRATCH)
        axis.text(x, y - 0.46, f"{reference[name][1]:+.5f}", ha="center", color=TORCH)
    axis.set(xlim=(-0.5, 5.5), ylim=(-0.55, 1.45))
    axis.set_title(
        "in the circles the values; below, dL/dnode: blue by hand, red by autograd",
        fontsize=11,
    )
    axis.axis("off")
    return figure


def bias_picture(biases):
    """The sigmoid of the weighted sum, for several biases."""
    figure, (axis,) = subplots(1, 1, (7, 4))
    total = np.linspace(-10, 10, 400)
    for bias, colour in zip(biases, ("#b5431b", "#444444", "#1f5fa8"), strict=False):
        y = 1 / (1 + np.exp(-(total + bias)))
        axis.plot(total, y, color=colour, label=f"b = {bias:+g}")
        axis.plot(-bias, 0.5, "o", color=colour)
    axis.axhline(0.5, color="0.8", linewidth=1, zorder=0)
    axis.set(xlabel="weighted sum of the inputs, w x", ylabel="sigmoid(w x + b)")
    axis.set_title("the bias moves the bend", fontsize=11)
    axis.legend(frameon=False)
    return figure


def line_through_points(o: Outcome) -> Iterator[tuple[str, object]]:
    """One feature, the target, and the line so far; with more features, none."""
    x, y = np.asarray(o.sides["scratch"].x), np.asarray(o.sides["scratch"].y)
    if x.shape[1] != 1:
        return
    figure, (axis,) = subplots(1, 1, (6, 4.5))
    axis.scatter(o.data.x_train, y, s=10, color="0.6")
    ends = np.linspace(x.min(), x.max(), 2)[:, None]
    named = np.linspace(o.data.x_train.min(), o.data.x_train.max(), 2)
    for side, style in STYLES.items():
        axis.plot(named, o.predict(ends, side), label=side, **style)
    axis.set(xlabel=o.data.features[0], ylabel="target")
    axis.legend(frameon=False)
    yield "line", figure


def probabilities(o: Outcome) -> Iterator[tuple[str, object]]:
    """How sure of the second class: a histogram of each class's test samples."""
    figure, axes = subplots(1, len(o.outputs), (10, 3.5))
    bins = np.linspace(0, 1, 21)
    for axis, (side, z) in zip(axes, o.outputs.items(), strict=True):
        p = 1 / (1 + np.exp(-z))
        shares = [p[o.target == value] for value in (0, 1)]
        axis.hist(
            shares,
            bins,
            stacked=True,
            color=["#e08214", "#2166ac"],
            label=o.data.classes,
        )
        axis.set(
            title=side, xlabel=f"probability: {o.data.classes[1]}", ylabel="samples"
        )
        axis.legend(frameon=False)
    yield "probabilities", figure


def class_triangle(o: Outcome) -> Iterator[tuple[str, object]]:
    """Three probabilities as a place in a triangle; circled are wrong answers."""
    corners = np.array([[0, 0], [1, 0], [0.5, np.sqrt(3) / 2]])
    colours = np.array(["#e08214", "#2166ac", "#1b7837"])
    figure, axes = subplots(1, len(o.outputs), (10, 4.5))
    for axis, (side, z) in zip(axes, o.outputs.items(), strict=True):
        p = np.exp(z - z.max(axis=1, keepdims=True))
        places = p / p.sum(axis=1, keepdims=True) @ corners
        axis.fill(*corners.T, facecolor="none", edgecolor="0.6")
        axis.scatter(*places.T, c=colours[o.target], s=28, alpha=0.8)
        wrong = z.argmax(axis=1) != o.target
        axis.scatter(*places[wrong].T, s=110, facecolors="none", edgecolors="black")
        for (x, y), name, colour in zip(corners, o.data.classes, colours, strict=True):
            axis.text(
                x,
                y + (0.04 if y else -0.09),
                name,
                ha="center",
                color=colour,
                fontsize=11,
            )
        axis.set(title=side, xlim=(-0.15, 1.15), ylim=(-0.15, 1))
        axis.set_aspect("equal")
        axis.axis("off")
    yield "class_triangle", figure


def weights_by_class(o: Outcome) -> Iterator[tuple[str, object]]:
    """What speaks for each class, and what against it."""
    figure, axes = subplots(1, len(o.weights), (11, 3.2))
    top = max(np.abs(next(iter(w.values()))).max() for w in o.weights.values())
    for axis, (side, weights) in zip(axes, o.weights.items(), strict=True):
        W = next(iter(weights.values()))
        axis.imshow(W, cmap="RdBu", vmin=-top, vmax=top, aspect="auto")
        for (i, j), w in np.ndenumerate(W):
            shade = "white" if abs(w) > 0.6 * top else "black"
            axis.text(j, i, f"{w:+.2f}", ha="center", va="center", color=shade)
        axis.set_xticks(
            range(W.shape[1]), [n.replace(" ", "\n") for n in o.data.features]
        )
        axis.set_yticks(range(len(W)), o.data.classes)
        axis.set_title(side)
    yield "weights_by_class", figure


def threshold_of(o: Outcome) -> float:
    """Where the second class begins: log-odds 0, or a line's 1/2."""
    return 0.0 if hasattr(o.sides["scratch"].model, "probability") else 0.5


def boundaries(o: Outcome) -> dict[str, float]:
    """Of a network with one input, where its output passes the threshold."""
    x, raw = np.asarray(o.sides["scratch"].x), o.data.x_train
    stretch = raw.std() / x.std()
    found = {}
    for side, weights in o.weights.items():
        slope, intercept = (float(w.reshape(-1)[0]) for w in weights.values())
        place = (threshold_of(o) - intercept) / slope
        found[side] = (place - x.mean()) * stretch + raw.mean()
    return found


def line_and_curve(o: Outcome) -> Iterator[tuple[str, object]]:
    """The classes as zeros and ones, what is fitted to them, and where it is cut."""
    figure, (axis,) = subplots(1, 1, (8, 4))
    raw, x = o.data.x_train, np.asarray(o.sides["scratch"].x)
    y = o.data.y_train
    jitter = np.random.default_rng(0).uniform(-0.03, 0.03, y.shape)
    axis.scatter(raw, y + jitter, s=9, c=np.where(y > 0, "#2166ac", "#e08214").ravel())
    ends = np.linspace(x.min(), x.max(), 400)[:, None]
    named = np.linspace(raw.min(), raw.max(), 400)
    logistic = threshold_of(o) == 0
    for side, style in STYLES.items():
        output = o.predict(ends, side)
        output = 1 / (1 + np.exp(-output)) if logistic else output
        axis.plot(named, output, label=side, **style)
    cut = boundaries(o)["scratch"]
    axis.axvline(cut, color="0.3", linestyle="--", linewidth=1)
    axis.text(cut, 1.25, f" cut at {cut:.2f}", fontsize=10)
    axis.set(xlabel=o.data.features[0], ylabel="malignant", ylim=(-0.3, 1.4))
    axis.legend(frameon=False, loc="lower right")
    yield "line_and_curve", figure


def curve_through_points(o: Outcome) -> Iterator[tuple[str, object]]:
    """A curve of one variable, and what the network makes of it."""
    figure, (axis,) = subplots(1, 1, (7, 4))
    x = np.linspace(o.data.x_train.min(), o.data.x_train.max(), 300)[:, None]
    axis.scatter(o.data.x_train, o.data.y_train, s=10, color="0.6", label="samples")
    for side, style in STYLES.items():
        axis.plot(x, o.predict(x, side), label=side, **style)
    low, high = o.data.y_train.min(), o.data.y_train.max()
    room = 0.2 * (high - low)
    axis.set(xlabel="x", ylabel="y", ylim=(low - room, high + room))
    axis.legend(frameon=False)
    yield "curve", figure


def answer_of(tag: str, x: np.ndarray):
    """A curve over time: what both sides answer for the one sample `x`."""

    def answer(o: Outcome) -> Iterator[tuple[str, float]]:
        for side in o.sides:
            yield f"{side}: {tag}", float(o.predict(x, side)[0, 0])

    return answer
