"""Preparing the data of a lesson: by hand and by torch, compared like any other pair.

Both trainings then start from the reference's numbers: a mean that differs in the last
digit would shift every sample alike, and the trainings would differ by what has nothing
to do with them.
"""

import numpy as np

from twofold import scratch, torch_ref

from ..judge.draw import compare_draw
from ..judge.row import Row
from ..sides.arrays import to_numpy, to_torch
from ..sides.trace import Feed, Trace
from .dataset import Dataset
from .lesson import PARTS


def prepare(lesson, data: Dataset, dtype) -> tuple[dict[str, np.ndarray], list[Row]]:
    """The arrays to learn from, in the working precision, and how both sides agree."""
    dtype = np.dtype(dtype)
    raw = tuple(getattr(data, part) for part in PARTS)
    feed = Feed(np.dtype(np.float64), raw)
    if lesson.prepare is None:
        return dict(zip(PARTS, feed.cast(dtype).inputs, strict=True)), []
    mine, reference = (PreparationSide(lesson, t) for t in (scratch, torch_ref))
    rows = compare_draw(mine, reference, feed, dtype)
    prepared = reference.run(feed.cast(dtype))
    return {part: prepared[f"prepared {part}"] for part in PARTS}, rows


class PreparationSide:
    """A lesson's preparation as a side: raw arrays in, prepared arrays out."""

    def __init__(self, lesson, tree):
        self.lesson = lesson
        self.tree = tree

    def run(self, feed: Feed) -> Trace:
        convert = to_torch if self.tree is torch_ref else np.copy
        arrays = {p: convert(a) for p, a in zip(PARTS, feed.inputs, strict=True)}
        prepared = self.lesson.prepare(self.tree, arrays)
        return Trace({f"prepared {p}": np.array(to_numpy(prepared[p])) for p in PARTS})
