"""Is a result that of its numbers alone? The same call, made twice."""

from dataclasses import replace

import numpy as np

from ..numerics.dtypes import Precision
from ..numerics.scores import LIMIT
from ..numerics.sizes import Size, finite_difference
from ..numerics.verdict import Judgement
from ..sides.trace import Feed
from .row import Row

NOT_REPEATED = "a second call with the same numbers gives another result"


def repeat_row(side, feed: Feed, precision: Precision, wide: bool) -> Row | None:
    """The first output or gradient that a second call does not repeat, as a row that
    differs; None if it repeats all.

    A result that depends on the call before it, or on nothing, such as memory that was
    never written, is no result. Running statistics are meant to change.
    """
    place = feed if wide and precision.name == "float64" else feed.cast(precision)
    first, second = side.run_twice(replace(place, jitter=None))
    for name, x in first.items():
        if "buffer " in name or name not in second:
            continue
        again = second[name]
        if x.shape == again.shape and _same(x, again, precision):
            continue
        found = Judgement("mismatch", float("inf"), precision.name, NOT_REPEATED)
        if x.shape == again.shape and x.size:
            at = int(np.argmax(np.abs(finite_difference(again, x)).reshape(-1)))
            at = min(at, x.size - 1)
            index = tuple(map(int, np.unravel_index(at, x.shape)))
            found = replace(
                found, index=index, values=(again[index].item(), x[index].item())
            )
        return Row(f"{name}, repeated", x.shape, str(x.dtype), found)
    return None


def _same(x: np.ndarray, again: np.ndarray, precision: Precision) -> bool:
    """To the bit, or to the order in which threads add."""
    if np.array_equal(x, again, equal_nan=x.dtype.kind in "fc"):
        return True
    if x.dtype.kind not in "fc" or not np.array_equal(
        np.isfinite(x), np.isfinite(again)
    ):
        return False
    apart = Size.of(finite_difference(again, x))
    return (
        apart.rms
        <= LIMIT * precision.roundoff * Size.of(np.where(np.isfinite(x), x, 0)).rms
    )
