"""Does a call give the same when it is made again?

Sums in another order round otherwise, and a kernel may add in the order in which its
threads come. More than the reference's own conditioning explains is another result.
"""

import numpy as np

from ..numerics.scores import score
from ..numerics.sizes import Size, finite_difference, finite_size
from ..numerics.verdict import Judgement
from ..sides.trace import Feed, Trace, is_floating
from .draw import movement
from .row import Row


def steady_rows(
    reference, feed: Feed, first: Trace, again: Trace, words: str
) -> list[Row]:
    """A row for each tensor that is another one in `again`; none if rounding explains
    it."""
    roundoff = feed.precision.roundoff
    moved = movement(reference, feed.cast(np.float64), roundoff)
    rows = []
    for name in dict.fromkeys([*first, *again]):
        if name not in first or name not in again:
            rows.append(_another(name, float("inf"), "missing", words))
            continue
        a, b = first[name], again[name]
        if (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes()):
            continue
        found = float("inf")
        comparable = a.shape == b.shape and is_floating(a) and is_floating(b)
        if comparable and np.array_equal(np.isfinite(a), np.isfinite(b)):
            explained = finite_size(a) * roundoff | moved.get(name, Size())
            result = score(Size.of(finite_difference(a, b)), explained)
            if result.ok:
                continue
            found = result.value
        rows.append(_another(name, found, "another result", words, first[name]))
    return rows


def _another(name, value, what, words, x=None) -> Row:
    judgement = Judgement("mismatch", value, "again", f"{what} {words}")
    shape, dtype = (x.shape, str(x.dtype)) if x is not None else ((), "")
    return Row(f"{name}, called again", shape, dtype, judgement)
