"""Pictures of layers that move numbers: each is written where it goes."""

import math

import numpy as np

from twofold import scratch

from ...concepts.catalogue import Concept
from .drawing import DARK, Picture, draw, frame

# What a layer is given: its options, and the shape of the numbers 1, 2, 3, ...
MOVES = {
    "Flatten": ({}, (1, 2, 2, 3)),
    "Unflatten": ({"dim": 1, "unflattened_size": (2, 2, 3)}, (1, 12)),
    "ChannelShuffle": ({"groups": 3}, (1, 6, 4)),
    "PixelShuffle": ({"upscale_factor": 2}, (1, 4, 2, 2)),
    "PixelUnshuffle": ({"downscale_factor": 2}, (1, 1, 4, 4)),
    "Unfold": ({"kernel_size": 2}, (1, 1, 3, 3)),
    "Pad1d": ({"padding": 2}, (1, 1, 4)),
    "Pad2d": ({"padding": 2}, (1, 1, 3, 3)),
    "Pad3d": ({"padding": 1}, (1, 1, 2, 2, 3)),
}


def moved(thing, name: str) -> Picture:
    """Numbers before and after; and how often each was used, if not once."""
    pads = "Pad" in name
    options, shape = MOVES[name[name.index("Pad") :] if pads else name]
    if name.startswith("Constant"):
        options = options | {"value": 0.0}
    layer = thing(**options)
    x = np.arange(1, math.prod(shape) + 1, dtype=np.float32).reshape(shape)
    y, back = layer(x)
    used = back(np.ones_like(y))
    even = (used == 1).all()

    def paint(*panels):
        before = numbers(panels[0], x, f"input, {_size(x)}")
        after = numbers(panels[1], y, f"output, {_size(y)}")
        if pads:
            width = options["padding"]
            for block, (row, column) in enumerate(after):
                inner = x.ndim == 5 and not 1 <= block < len(after) - 1
                if not inner:
                    panels[1].add_patch(
                        frame(
                            column + width,
                            row + (0 if x.ndim == 3 else width),
                            x.shape[-1],
                            1 if x.ndim == 3 else x.shape[-2],
                        )
                    )
        if name == "Unfold":
            panels[0].add_patch(frame(*before[0], 2, 2))
            panels[1].add_patch(frame(*after[0], 1, 4))
        if not even:
            numbers(panels[2], used, "gradient of ones: uses of each")

    words = ", ".join(f"{k}={v}" for k, v in options.items())
    said = {"Unfold": "each window is a column"}.get(name, "where each number goes")
    low = name in ("Flatten", "Unflatten") or name.endswith("1d")
    panels = 2 if even else 3
    return draw(paint, f"{name}({words}): {said}", panels, 1.7 if low else None)


def folded(thing, name: str) -> Picture:
    """The columns of an image, added up: not the image."""
    image = np.arange(1, 10, dtype=np.float32).reshape(1, 1, 3, 3)
    x, _ = scratch.nn.Unfold(2)(image)
    y, _ = thing(3, 2)(x)

    def paint(left, middle, right):
        numbers(left, image, "an image")
        (at,) = numbers(middle, x, "input: its windows as columns")
        numbers(right, y, "output: all windows added")
        left.add_patch(frame(0, 0, 2, 2))
        middle.add_patch(frame(*at, 1, 4))
        right.add_patch(frame(0, 0, 2, 2))

    return draw(
        paint, f"{name}(output_size=3, kernel_size=2): what windows share is added", 3
    )


LENGTHS = (4, 3, 1)  # of three sequences, a column each where they are not packed
FORMS = {
    "pack_padded_sequence": ("padded", "packed"),
    "pack_sequence": ("sequences", "packed"),
    "pad_packed_sequence": ("packed", "padded"),
    "pad_sequence": ("sequences", "padded"),
    "unpack_sequence": ("packed", "sequences"),
    "unpad_sequence": ("padded", "sequences"),
}


def packed(concept: Concept) -> Picture | None:
    """Sequences before and after: loose, padded or packed step by step."""
    thing, name = concept.scratch, concept.name.rpartition(".")[2]
    if name == "invert_permutation":
        forms, given = ("a permutation", "its inverse"), np.array([2, 0, 3, 1])
        before, found = given, thing(given)
    elif name in FORMS:
        forms = FORMS[name]
        ends = np.cumsum(LENGTHS)
        loose = np.split(np.arange(1, ends[-1] + 1, dtype=np.float32), ends[:-1])
        padded, _ = scratch.nn.utils.rnn.pad_sequence(loose)
        inputs = {
            "sequences": (loose,),
            "padded": (padded, np.array(LENGTHS)),
            "packed": (scratch.nn.utils.rnn.pack_sequence(loose)[0],),
        }[forms[0]]
        found, before = thing(*inputs)[0], inputs[0]
    else:
        return None

    def paint(left, right):
        for axes, form, value in zip(
            (left, right), forms, (before, found), strict=True
        ):
            numbers(axes, _in_columns(value), form)

    if name in FORMS:
        return draw(paint, f"{name}: three sequences of {LENGTHS} steps", 2, 2.4)
    return draw(paint, f"{name} of (2, 0, 3, 1)", 2, 1.7)


def _in_columns(value) -> np.ndarray:
    if hasattr(value, "data") and hasattr(value, "batch_sizes"):
        return value.data
    if isinstance(value, tuple):  # padded, and the lengths
        value = value[0]
    if isinstance(value, np.ndarray):
        return value
    grid = np.full((max(LENGTHS), len(value)), np.nan)
    for column, sequence in enumerate(value):
        grid[: len(sequence), column] = sequence
    return grid


def _size(a: np.ndarray) -> str:
    return "×".join(map(str, a.shape))


def numbers(
    axes, array, title: str, form="g", across="", down=""
) -> list[tuple[int, int]]:
    """Blocks of numbers beside and below each other; where each begins."""
    blocks = array.reshape(-1, *np.atleast_2d(np.squeeze(array)).shape[-2:])
    count, high, wide = blocks.shape
    columns = math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    grid = np.full((rows * (high + 1) - 1, columns * (wide + 1) - 1), np.nan)
    corners = []
    for i, block in enumerate(blocks):
        row, column = i // columns * (high + 1), i % columns * (wide + 1)
        grid[row : row + high, column : column + wide] = block
        corners.append((row, column))
    low, top = np.nanmin(grid), np.nanmax(grid)
    shades = {"vmin": low - 0.15 * (top - low), "vmax": low + 2.2 * (top - low or 1)}
    axes.imshow(grid, cmap="YlGnBu", interpolation="nearest", **shades)
    cell = min(270 / grid.shape[1], 190 / grid.shape[0])  # points
    for (row, column), value in np.ndenumerate(grid):
        if not np.isnan(value):
            axes.text(
                column,
                row,
                f"{value:{form}}",
                ha="center",
                va="center",
                color=DARK,
                fontsize=min(11, 0.55 * cell),
            )
    axes.set_title(title)
    axes.set(xticks=[], yticks=[], xlabel=across, ylabel=down)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return corners
