"""Pictures of the networks that repeat, complete and dream images."""

from collections.abc import Iterator

import numpy as np

from ...training.board import Points
from ...training.lesson import TREES, LessonSide, predict
from ...training.outcome import Outcome
from . import subplots, tile

SHOWN = 10  # images in a row
POINTS = 500  # in the Projector
COMPLETING_STEPS = 20
EXAMPLE, MAPS = 2, 12  # the digit whose maps are shown, and how many of them


def gallery(rows: dict[str, np.ndarray], shape: tuple[int, int]):
    """Rows of small images, black on white, each row with its name."""
    count = max(len(images) for images in rows.values())
    figure, axes = subplots(len(rows), count, (0.7 * count + 1.4, 0.8 * len(rows)))
    for axis in axes:
        axis.axis("off")
    for line, (label, images) in zip(
        axes.reshape(-1, count), rows.items(), strict=True
    ):
        style = {"ha": "right", "va": "center", "fontsize": 9}
        line[0].text(-0.3, 0.5, label, transform=line[0].transAxes, **style)
        for axis, image in zip(line, images, strict=False):
            image = image.reshape(shape) if image.ndim == 1 else image
            axis.imshow(image, cmap="gray_r", vmin=0, vmax=1)
    return figure


def one_of_each(o: Outcome, count: int = SHOWN) -> np.ndarray:
    """The indices of test samples, the classes in turn."""
    labels = o.data.y_test
    ranks = np.zeros(len(labels), int)
    for label in np.unique(labels):
        ranks[labels == label] = np.arange((labels == label).sum())
    return np.lexsort((labels, ranks))[:count]


def reconstructions(o: Outcome) -> Iterator[tuple[str, object]]:
    """Test images and what both sides make of them."""
    chosen = one_of_each(o)
    rows = {"input": o.target[chosen]}
    rows |= {side: output[chosen] for side, output in o.outputs.items()}
    yield "reconstructions", gallery(rows, o.data.image_shape)


def completions(o: Outcome) -> Iterator[tuple[str, object]]:
    """The lower half is covered, and filled by going to and fro a few times."""
    whole = o.target[one_of_each(o)]
    seen = whole.shape[1] // 2
    covered = whole.copy()
    covered[:, seen:] = 0.5
    rows = {"whole": whole, "lower half covered": covered}
    for side in o.sides:
        image = covered
        for _ in range(COMPLETING_STEPS):
            image = np.array(o.predict(image, side))
            image[:, :seen] = whole[:, :seen]
        rows[f"{side} fills it"] = image
    yield "completions", gallery(rows, o.data.image_shape)


def hidden_units(o: Outcome) -> Iterator[tuple[str, np.ndarray]]:
    """What the strongest hidden units join together: blue for +, red for -."""
    for side, weights in o.weights.items():
        W = next(iter(weights.values()))
        if W.shape[1] != np.prod(o.data.image_shape):
            return  # a machine on top of another, which sees no pixels
        strongest = np.argsort(-np.linalg.norm(W, axis=1))[:40]
        yield f"{side}: hidden_units", tile(W[strongest], o.data.image_shape)


def codes(o: Outcome, side: str) -> np.ndarray:
    """What the encoder of an autoencoder makes of the test samples."""
    experiment = o.sides[side]
    return predict(TREES[side], experiment.model.encoder, experiment.x_test)


def latent_map(o: Outcome) -> Iterator[tuple[str, object]]:
    """The first two numbers of the code, coloured by the digit nobody named."""
    from matplotlib import colormaps

    colours, labels = colormaps["tab10"], o.data.y_test
    figure, axes = subplots(1, len(o.sides), (9, 4.5))
    for axis, side in zip(axes, o.sides, strict=True):
        code = codes(o, side)
        for k, name in enumerate(o.data.classes):
            points = code[labels == k]
            axis.scatter(points[:, 0], points[:, 1], s=10, alpha=0.6, color=colours(k))
            middle = np.median(points[:, :2], axis=0)
            axis.text(
                *middle,
                name,
                ha="center",
                va="center",
                weight="bold",
                bbox={"boxstyle": "circle", "fc": "white", "ec": colours(k)},
            )
        axis.set(title=side, xlabel="code 1", ylabel="code 2")
    yield "latent_map", figure


def latent_space(o: Outcome) -> Iterator[tuple[str, object]]:
    """The codes of the test images for the Projector, which asks for three numbers."""
    images = 1 - o.data.x_test[:POINTS].reshape(-1, *o.data.image_shape)
    labels = [o.data.classes[k] for k in o.data.y_test[:POINTS]]
    for side in o.sides:
        code = codes(o, side)[:POINTS]
        missing = max(3 - code.shape[1], 0)
        vectors = np.pad(code, ((0, 0), (0, missing)))
        yield f"{side}: latent_space", Points(vectors, labels, images)


def filters(o: Outcome) -> Iterator[tuple[str, np.ndarray]]:
    """What the first convolution looks for: blue for ink, red for paper."""
    for side, weights in o.weights.items():
        first = next(iter(weights.values()))
        if first.ndim == 4:
            columns = min(len(first), 8)
            yield f"{side}: filters", tile(first, first.shape[2:], columns, zoom=10)


def feature_maps(o: Outcome) -> Iterator[tuple[str, object]]:
    """What is left of one image after each pooling, in some of the maps."""
    example = o.data.y_test.tolist().index(EXAMPLE)
    for side, experiment in o.sides.items():
        if not hasattr(experiment.model, "features"):
            return
        part = LessonSide(TREES[side], {}, o.settings, np.dtype(o.settings.dtype))
        x = experiment.x_test[example : example + 1]
        rows = {"input": o.data.x_test[example : example + 1]}
        for layer in experiment.model.features:
            x = part.array(predict(part.tree, layer, x))
            if "Pool" in type(layer).__name__:
                maps = np.asarray(x)[0]
                height, width = maps.shape[1:]
                rows[f"pooled to {height}x{width}"] = maps[:MAPS] / maps.max()
        yield f"{side}: feature_maps", gallery(rows, o.data.image_shape)
