"""Is a result that of its numbers alone? The same call, made twice."""

import numpy as np

from ..numerics.dtypes import Precision
from ..numerics.scores import LIMIT
from ..numerics.sizes import Size, finite_difference, finite_size
from ..numerics.verdict import Judgement, worst_place
from ..sides.trace import Trace
from .row import Row

NOT_REPEATED = "a second call with the same numbers gives another result"


def repeat_rows(first: Trace, second: Trace, precision: Precision) -> list[Row]:
    """The first output or gradient that a second call does not repeat, as a row that
    differs; none if it repeats all.

    A result that depends on the call before it, or on nothing, such as memory that was
    never written, is no result. Running statistics are meant to change.
    """
    for name, x in first.items():
        if "buffer " in name or name not in second:
            continue
        again = second[name]
        if x.shape == again.shape and _same(x, again, precision):
            continue
        at = worst_place(again, x) if x.shape == again.shape else {}
        stage = precision.name
        found = Judgement("mismatch", float("inf"), stage, NOT_REPEATED, **at)
        return [Row(f"{name}, repeated", x.shape, str(x.dtype), found)]
    return []


def _same(x: np.ndarray, again: np.ndarray, precision: Precision) -> bool:
    """To the bit, or but for the order in which threads add."""
    if np.array_equal(x, again, equal_nan=x.dtype.kind in "fc"):
        return True
    if x.dtype.kind not in "fc":
        return False
    if not np.array_equal(np.isfinite(x), np.isfinite(again)):
        return False
    apart = Size.of(finite_difference(again, x)).rms
    return apart <= LIMIT * precision.roundoff * finite_size(x).rms
