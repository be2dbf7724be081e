"""Pictures of layers: curves of functions, fields of view, what a batch becomes."""

import inspect
from collections.abc import Callable

import numpy as np

from twofold import scratch

from ...concepts.catalogue import Concept
from .drawing import FAINT, LINE, SCRATCH, TORCH, Picture, draw, frame, image
from .losses import loss_curve
from .places import MOVES, folded, moved, numbers
from .planes import PLANES, composed, plane
from .sequences import SEQUENCES

SPATIAL = {
    "conv",
    "pooling",
    "upsampling",
    "conv_transpose",
    "adaptive_pooling",
    "unpooling",
}


def layer_picture(concept: Concept) -> Picture | None:
    """The first of these that can be made."""
    name = concept.name.rpartition(".")[2]
    module = concept.scratch.__module__.rpartition(".")[2]
    if name in LAYERS:
        return LAYERS[name](concept.scratch, name)
    if "Pad" in name:
        return _attempt(moved, concept.scratch, name)
    if name.endswith("Loss"):
        return _attempt(loss_curve, concept.scratch, name)
    if name in RATIOS:
        return _attempt(share_curve, concept.scratch, name)
    if "Norm" in name or "LRN" in name:
        return _attempt(normalised, concept.scratch, name)
    if "Dropout" in name or "dropout" in name:
        return _attempt(dropped, concept.scratch, name)
    if module in SPATIAL or any(w in name for w in ("Conv", "Pool", "Upsamp")):
        return _attempt(field_of_view, concept.scratch, name)
    return _attempt(curve, concept.scratch, name)


def _attempt(paint: Callable, thing, name: str) -> Picture | None:
    """A layer that takes other things than these has no picture."""
    try:
        return paint(thing, name)
    except (TypeError, ValueError, RuntimeError, IndexError, KeyError, AttributeError):
        return None


ARGUMENTS = {"Threshold": (0.5, -0.5)}


def curve(thing, name: str) -> Picture:
    """Value and slope of a function of single numbers."""
    if inspect.isclass(thing):
        layer = thing(*ARGUMENTS.get(name, ()))
        layer.eval()
    else:
        layer = thing
    x = LINE.astype(np.float32)
    y, back = layer(x)
    slope = back(np.ones_like(x))
    if np.shape(y) != x.shape or np.shape(slope) != x.shape:
        raise ValueError("no function of single numbers")
    if np.array_equal(y, x):
        raise ValueError("nothing to see")

    def paint(left):
        _origin(left)
        left.plot(x, y, color=SCRATCH, label="value")
        left.plot(x, slope, color=TORCH, label="slope")
        left.set_xlabel("x")
        left.set_ylim(max(y.min(), -3) - 0.3, min(max(y.max(), 1), 3.5) + 0.3)
        left.legend()

    return draw(paint, f"{name}: its value and its slope, from -6 to 6")


def _origin(axes) -> None:
    axes.axhline(0, color=FAINT, linewidth=0.8)
    axes.axvline(0, color=FAINT, linewidth=0.8)


RATIOS = {"Softmax", "LogSoftmax", "Softmin", "Softmax2d", "GLU"}


def share_curve(thing, name: str) -> Picture:
    """One number moves, its neighbours stay at 0 and 1."""
    layer = thing() if name == "Softmax2d" else thing(dim=1)
    rows = np.stack(
        [LINE, np.zeros_like(LINE), np.ones_like(LINE), np.full_like(LINE, 2)], axis=1
    )
    if name == "Softmax2d":
        rows = rows[:, :, None, None]
    y, back = layer(rows)
    dy = np.zeros_like(y)
    dy[:, 0] = 1
    slope = back(dy)[:, 0].reshape(-1)
    value = y[:, 0].reshape(-1)

    def paint(left):
        _origin(left)
        left.plot(LINE, value, color=SCRATCH, label="first output")
        left.plot(LINE, slope, color=TORCH, label="its slope")
        left.set_xlabel("x in (x, 0, 1, 2)")
        left.legend()

    return draw(paint, f"{name} of (x, 0, 1, 2): the first output and its slope")


# What a layer sees of an image.

IMAGE = np.array(
    [
        [0, 0, 5, 13, 9, 1, 0, 0],
        [0, 0, 13, 15, 10, 15, 5, 0],
        [0, 3, 15, 2, 0, 11, 8, 0],
        [0, 4, 12, 0, 0, 8, 8, 0],
        [0, 5, 8, 0, 0, 9, 8, 0],
        [0, 4, 11, 0, 1, 12, 7, 0],
        [0, 2, 14, 5, 10, 12, 0, 0],
        [0, 0, 6, 13, 10, 0, 0, 0],
    ],
    np.float32,
)  # the first of the handwritten digits, a zero


def _options(thing) -> dict:
    """Small values for the arguments that it must be given."""
    small = {
        "in_channels": 1,
        "out_channels": 1,
        "kernel_size": 3 if "Conv" in thing.__name__ else 2,
        "output_size": 4,
        "scale_factor": 2,
        "norm_type": 2.0,
        "output_ratio": 0.7,
    }
    wanted = {}
    for p in inspect.signature(thing).parameters.values():
        needed = p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD
        if needed or p.name in ("scale_factor", "output_ratio"):
            wanted[p.name] = small[p.name]
    return wanted


def field_of_view(thing, name: str) -> Picture:
    """Input, output, and what one output number hears of the input: its gradient."""
    options = _options(thing)
    layer = thing(**options)
    if getattr(layer, "weight", None) is not None:
        weight = layer.weight.data
        weight[...] = 0
        edge = np.array([1, 0, -1], weight.dtype)[: weight.shape[-1]]
        weight[...] = np.broadcast_to(edge, weight.shape)
        if getattr(layer, "bias", None) is not None:
            layer.bias.data[...] = 0
    flat = name.endswith("1d")
    if name.endswith("3d"):
        x = np.stack([IMAGE] * 5)[None, None]
    else:
        x = IMAGE[3][None, None] if flat else IMAGE[None, None]
    inputs = (x,)
    if "Unpool" in name:
        pool = getattr(scratch.nn, name.replace("Unpool", "Pool"))
        inputs, _ = pool(**options, return_indices=True)(x)
        x = inputs[0]
    y, back = layer(*inputs)
    dy = np.zeros_like(y)
    at = tuple(n // 2 for n in y.shape[2:])
    if "Unpool" in name:  # a place that a number came back to
        middle = inputs[1][(0, 0, *(n // 2 for n in x.shape[2:]))]
        at = tuple(int(n) for n in np.unravel_index(middle, y.shape[2:]))
    dy[(0, 0, *at)] = 1
    dx = back(dy)
    dx = dx[0] if isinstance(dx, tuple) else dx
    parts = [a[0, 0] for a in (x, y, dx)]
    while parts[0].ndim > 2:
        parts = [a[a.shape[0] // 2] for a in parts]
    parts = [np.atleast_2d(a) for a in parts]
    at = np.atleast_1d(at)[-2:] if not flat else (0, *at)

    def paint(left, middle, right):
        image(left, parts[0], "input", "Greys", signed=False)
        image(middle, parts[1], "output, one number marked")
        image(right, parts[2], "what that one hears: its gradient")
        middle.add_patch(frame(at[1], at[0]))
        seen = np.argwhere(parts[2] != 0)
        for axes in (left, right) if len(seen) else ():
            (top, start), (bottom, end) = seen.min(axis=0), seen.max(axis=0)
            axes.add_patch(frame(start, top, end - start + 1, bottom - top + 1))

    words = ", ".join(f"{k}={v}" for k, v in options.items() if "channels" not in k)
    kernel = ", its kernel an edge detector" if hasattr(layer, "weight") else ""
    return draw(paint, f"{name}({words}) on a handwritten zero{kernel}", 3)


# What becomes of a batch.


NUMBERS = 100  # of each channel of each sample


def normalised(thing, name: str) -> Picture:
    """Mean and spread of each channel of each sample: which of them become alike?"""
    rng = np.random.default_rng(0)
    of_channel, of_sample = np.array([-4, 0, 3, 6]), np.array([-2, 0, 1, 3])
    spread = np.array([0.5, 1, 2, 1]) * np.array([1, 2, 0.5, 1])[:, None]
    x = rng.standard_normal((4, 4, NUMBERS)) * spread[..., None]
    x = (x + of_channel[:, None] + of_sample[:, None, None]).astype(np.float32)
    if name.endswith(("2d", "ResponseNorm")):
        shaped = x.reshape(4, 4, 10, 10)
    elif name.endswith("3d"):
        shaped = x.reshape(4, 4, 4, 5, 5)
    else:
        shaped = x
    if name == "GroupNorm":
        layer = thing(2, 4)
    elif name in ("LayerNorm", "RMSNorm"):
        layer = thing((4, NUMBERS))
    else:
        layer = thing(4, **({"alpha": 1.0} if name in RESPONSES else {}))
    y, _ = layer(shaped)
    y = y.reshape(x.shape)

    def paint(*panels):
        for axes, values, title in zip(
            panels,
            (x.mean(axis=2), y.mean(axis=2), x.std(axis=2), y.std(axis=2)),
            ("mean, before", "mean, after", "spread, before", "spread, after"),
            strict=True,
        ):
            values = values.round(1) + 0.0  # no negative zeros
            numbers(axes, values, title, ".1f", across="channels", down="samples")

    alike = next(said for word, said in ALIKE.items() if word in name)
    caption = f"{name}: {alike}; mean and spread of each channel of each sample"
    return draw(paint, caption, 4)


ALIKE = {
    "BatchNorm": "each channel is standardised, over all samples",
    "LayerNorm": "each sample is standardised, over all channels",
    "RMSNorm": "each sample is made one size, over all channels, and not centred",
    "GroupNorm": "two channels of a sample are standardised together",
    "InstanceNorm": "each channel of each sample is standardised by itself",
    "ResponseNorm": "each number is divided by what stands in channels near it",
    "LRN": "each number is divided by what stands in channels near it",
}
RESPONSES = ("LocalResponseNorm", "CrossMapLRN2d")


def dropped(thing, name: str) -> Picture:
    layer = thing()
    rng = np.random.default_rng(0)
    x = np.abs(rng.standard_normal((1, 16, 16))).astype(np.float32) + 0.5
    if "2d" in name or "3d" in name or "Feature" in name or "1d" in name:
        x = x.reshape(1, 16, 16, 1) if "1d" not in name else x
        x = x[..., None] if "3d" in name else x
    y, back = layer(x)
    dx = back(np.ones_like(y))

    def paint(left, middle, right):
        for axes, values, title in (
            (left, x, "input"),
            (middle, y, "output"),
            (right, dx, "gradient, of ones"),
        ):
            image(axes, values.reshape(16, 16), title)

    return draw(
        paint, f"{name} at its default rate: some are dropped, the rest grow", 3
    )


# Layers with a picture of their own.


def products(thing, name: str) -> Picture:
    layer = thing(8, 5)
    x = np.random.default_rng(0).standard_normal((6, 8)).astype(np.float32)
    y, back = layer(x)
    dy = np.zeros_like(y)
    dy[2, 3] = 1
    back(dy)

    def paint(first, second, third, fourth):
        image(first, x, "x, 6 samples of 8")
        image(second, layer.weight.data, "W, 5 outputs of 8")
        image(third, y, "y, 6 samples of 5")
        third.add_patch(frame(3, 2))
        image(fourth, layer.weight.grad, "dW, heard from one y")

    return draw(paint, "Linear: input, weight, output, and one output's gradient", 4)


LAYERS = {
    "Fold": folded,
    "Linear": products,
    "Sequential": composed,
    **dict.fromkeys(MOVES, moved),
    **dict.fromkeys(PLANES, plane),
    **SEQUENCES,
}
