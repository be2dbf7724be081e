"""Does a call give the same when it is made again?

Sums in another order round otherwise, and a kernel may add in the order in which its
threads come. More than the reference's own conditioning explains is another result.
"""

import numpy as np

from ..numerics.scores import Judgement, Size, score, unit_roundoff
from ..sides.trace import Feed, Trace, is_floating
from .bfloat16 import ROUNDOFF
from .row import Row
from .sensitivity import sensitivity


def steady_rows(
    reference, feed: Feed, narrow: bool, first: Trace, again: Trace, words: str
) -> list[Row]:
    """A row for each tensor that is another one in `again`; none if rounding explains
    it. `narrow` says that the feed's float32 numbers are bfloat16.
    """
    wide = feed.cast(np.float64)
    base = reference.run(wide)
    roundoff = ROUNDOFF if narrow else unit_roundoff(feed.dtype)
    kappas = sensitivity(reference, wide, base, roundoff)
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
            a, b = (np.where(np.isfinite(x), x, 0).astype(np.float64) for x in (a, b))
            explained = Size.of(a) * roundoff | kappas.get(name, Size())
            result = score(Size.of(a - b), explained)
            if result.ok:
                continue
            found = result.value
        rows.append(_another(name, found, "another result", words, first[name]))
    return rows


def _another(name, value, what, words, x=None) -> Row:
    judgement = Judgement("mismatch", value, "again", f"{what} {words}")
    shape, dtype = (x.shape, str(x.dtype)) if x is not None else ((), "")
    return Row(f"{name}, called again", shape, dtype, judgement)
