r"""Two traces or checkpoints, tensor by tensor.

A diff computes nothing anew, so it has no conditioning: it cannot know how far rounding
may carry the computation that the files come from. What it can say of a tensor is

- `equal`: every number is the same (the dtype need not be);
- `rounding`: $\mathrm{RMS}(a - b) \le 16\,u\,\mathrm{RMS}(b)$, with $u$ the unit
  roundoff of the coarser dtype, and the same with $\max|\cdot|$ and 64: so little that
  a few operations in another order explain it, whatever was computed (float8 is only
  stored in: there the limit is 2);
- `different`: more than that. By itself no mistake: one cancelling subtraction, or a
  hundred steps of training, part two correct programs further. `twofold check` and
  `twofold run` can tell, because they run both sides;
- `shape`, `missing`: there is nothing to subtract.

Numbers are read in blocks, a few MB of them at a time, on a few threads.
"""

import math
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import numpy as np

from ..numerics.dtypes import unit_roundoff
from ..numerics.scores import LIMIT, PEAK_LIMIT, Score, score
from .tally import Tally
from .tensors import TensorFile, widen

SEVERITY = {"equal": 0, "rounding": 1, "different": 2, "shape": 3, "missing": 4}

BLOCK = 1 << 18
"""Elements at a time: few enough for the cache, enough for NumPy to be left alone."""

SPAN = 1 << 23
"""Elements that one thread works through before it takes the next span."""

THREADS = min(4, os.cpu_count() or 1)

ROUNDOFF = {"bfloat16": 2.0**-8, "float8_e4m3fn": 2.0**-4, "float8_e5m2": 2.0**-3}
"""u of the dtypes that NumPy does not know."""

STORED_LIMIT = 2.0
"""The limit, in both norms, where a side is float8: nothing is computed in it, so what
it holds was rounded once. Sixteen of its roundings would be 100% and more.
"""


class WrongNames(Exception):
    """A renaming or a selection that does not fit the names in the files."""


@dataclass(frozen=True)
class Pairing:
    """Which name of A is compared with which of B, in A's order, and what is left."""

    pairs: list[tuple[str, str]]
    only_a: list[str]
    only_b: list[str]


def match_names(a, b, renames=None, select=(), exclude=()) -> Pairing:
    """Pair the names of A with those of B.

    `renames` maps a name of A to one of B. With one `*` on each side it maps all names
    that fit, so `{"module.*": "*"}` strips a prefix. `select` and `exclude` are globs
    on either name. Raises WrongNames for a renaming or a `select` that fits nothing.
    """
    renamed = _rename(list(a), dict(renames or {}))

    def chosen(*names):
        return (not select or _fits(names, select)) and not _fits(names, exclude)

    known = set(b)
    pairs = [(x, y) for x, y in renamed.items() if y in known and chosen(x, y)]
    only_a = [x for x, y in renamed.items() if y not in known and chosen(x, y)]
    taken = set(renamed.values())
    only_b = [y for y in b if y not in taken and chosen(y)]
    for glob in select:
        if not _fits([*renamed, *b], [glob]):
            raise WrongNames(f"no tensor fits {glob!r}")
    if not (pairs or only_a or only_b):
        raise WrongNames("the selection leaves nothing to compare")
    return Pairing(pairs, only_a, only_b)


def _fits(names, globs) -> bool:
    return any(name == g or fnmatchcase(name, g) for name in names for g in globs)


def _rename(names: list[str], renames: dict[str, str]) -> dict[str, str]:
    renamed, used = {}, set()
    for name in names:
        key = name if name in renames else None
        key = key or next((k for k in renames if _star(k, name) is not None), None)
        used.add(key)
        renamed[name] = name if key is None else renames[key]
        if key is not None and key != name:
            renamed[name] = renames[key].replace("*", _star(key, name), 1)
    for key in renames:
        if key not in used:
            raise WrongNames(f"A has no tensor {key!r} to rename")
    sources = {}
    for name, target in renamed.items():
        if sources.setdefault(target, name) != name:
            both = f"{sources[target]!r} and {name!r}"
            raise WrongNames(f"{both} of A would both be {target!r} of B")
    return renamed


def _star(pattern: str, name: str) -> str | None:
    """What the `*` of a pattern stands for in a name; None if the name does not fit."""
    head, star, tail = pattern.partition("*")
    fits = name.startswith(head) and name.endswith(tail)
    if not star or not fits or len(name) < len(head) + len(tail):
        return None
    return name[len(head) : len(name) - len(tail)]


@dataclass(frozen=True)
class DiffRow:
    """One tensor, as it stands in A and in B; None stands for the side that lacks it.

    `rms` is RMS(a - b) / RMS(b) and `peak` is max |a - b|, at `index`, where the values
    are `values`; `score` is both in roundings of the coarser dtype; `unequal` elements
    differ. Real and imaginary part count singly.
    """

    names: tuple[str | None, str | None]
    verdict: str
    shapes: tuple
    dtypes: tuple
    rms: float = 0.0
    peak: float = 0.0
    score: Score = field(default_factory=Score)
    unequal: int = 0
    index: tuple[int, ...] | None = None
    values: tuple = ()
    reason: str = ""

    @property
    def limits(self) -> tuple[float, float]:
        """Up to where both parts of the score are rounding."""
        return _limits(self.dtypes)

    @property
    def name(self) -> str:
        a, b = self.names
        return a if b in (a, None) else b if a is None else f"{a} = {b}"

    @property
    def ok(self) -> bool:
        return self.verdict in ("equal", "rounding")

    @property
    def severity(self) -> tuple:
        return SEVERITY[self.verdict], self.score.value, self.rms

    def to_json(self) -> dict:
        return {
            "name": self.name,
            "names": list(self.names),
            "verdict": self.verdict,
            "shapes": list(self.shapes),
            "dtypes": list(self.dtypes),
            "relative_rms": _json(self.rms),
            "max_abs": _json(self.peak),
            "rms_roundings": _json(self.score.rms),
            "max_roundings": _json(self.score.peak),
            "limits": list(self.limits),
            "unequal": self.unequal,
            "index": self.index and list(self.index),
            "values": [_json(value.item()) for value in self.values],
            "reason": self.reason,
        }


@dataclass
class DiffReport:
    """All rows of a diff, in the order of A, and what they come to."""

    a: str
    b: str
    rows: list[DiffRow]
    ignored: tuple[int, int] = (0, 0)

    @property
    def ok(self) -> bool:
        return all(row.ok for row in self.rows)

    @property
    def first(self) -> str | None:
        """The first tensor that differs."""
        return next((row.name for row in self.rows if not row.ok), None)

    @property
    def worst_first(self) -> list[DiffRow]:
        return sorted(self.rows, key=lambda row: row.severity, reverse=True)

    def counts(self) -> dict[str, int]:
        found = [row.verdict for row in self.rows]
        return {verdict: found.count(verdict) for verdict in SEVERITY}

    def to_json(self) -> dict:
        return {
            "a": self.a,
            "b": self.b,
            "ok": self.ok,
            "first": self.first,
            "counts": self.counts(),
            "ignored": list(self.ignored),
            "rows": [row.to_json() for row in self.rows],
        }


def compare_files(
    a: TensorFile,
    b: TensorFile,
    pairing: Pairing,
    progress: Callable[[int], None] = lambda elements: None,
) -> Iterator[DiffRow]:
    """A row for each tensor, as soon as it is known; first the pairs, in A's order."""
    from threadpoolctl import threadpool_limits

    # The threads here split a tensor; the linear algebra's own would be in their way.
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(THREADS) as pool:
        for name_a, name_b in pairing.pairs:
            yield _compare_pair(a, b, name_a, name_b, pool, progress)
    for names, file in ((pairing.only_a, a), (pairing.only_b, b)):
        for name in names:
            found = (name, file.shape(name), file.dtype(name))
            sides = [(x, None) if file is a else (None, x) for x in found]
            yield DiffRow(sides[0], "missing", sides[1], sides[2])


def _compare_pair(a, b, name_a, name_b, pool, progress) -> DiffRow:
    names = name_a, name_b
    shapes = a.shape(name_a), b.shape(name_b)
    dtypes = a.dtype(name_a), b.dtype(name_b)
    if shapes[0] != shapes[1]:
        return DiffRow(names, "shape", shapes, dtypes, reason=_against("shape", shapes))
    size = a.size(name_a)
    stored = a.stored(name_a), b.stored(name_b)

    def compare_span(start):
        stop = min(start + SPAN, size)
        tally = Tally(size)
        blocks = zip(*(x.blocks(start, stop, BLOCK) for x in stored), strict=True)
        rooms = np.empty((2, min(BLOCK, size)), np.float32)
        for i, pair in zip(range(start, stop, BLOCK), blocks, strict=True):
            tally.add(i, *map(widen, pair, dtypes, rooms))
        progress(stop - start)
        return tally

    tally = Tally(size)
    for part in (pool.map if size > SPAN else map)(compare_span, range(0, size, SPAN)):
        tally |= part
    index, values = None, ()
    if tally.at is not None:
        index = tuple(map(int, np.unravel_index(tally.at, shapes[0])))
        worst = (x.part(tally.at, tally.at + 1) for x in stored)
        values = tuple(widen(*pair)[0] for pair in zip(worst, dtypes, strict=True))
    score, verdict = _judge(tally, dtypes)
    return DiffRow(
        names,
        verdict,
        shapes,
        dtypes,
        rms=_relative(tally.difference.rms, tally.base.rms),
        peak=tally.difference.peak,
        score=score,
        unequal=tally.unequal,
        index=index,
        values=values,
        reason=_reason(tally, dtypes),
    )


def _judge(tally: Tally, dtypes) -> tuple[Score, str]:
    """The difference in roundings of the coarser dtype, and the verdict on it."""
    if not tally.unequal:
        return Score(), "equal"
    units = [_roundoff(dtype) for dtype in dtypes]
    if tally.misplaced or None in units:
        return Score(math.inf, math.inf), "different"
    found = score(tally.difference, tally.base * max(units))
    rms, peak = _limits(dtypes)
    within = found.rms <= rms and found.peak <= peak
    return found, "rounding" if within else "different"


def _limits(dtypes) -> tuple[float, float]:
    if any(str(dtype).startswith("float8") for dtype in dtypes):
        return STORED_LIMIT, STORED_LIMIT
    return LIMIT, PEAK_LIMIT


def _roundoff(dtype: str) -> float | None:
    """u of a floating dtype; None for integers and booleans, which do not round."""
    if dtype in ROUNDOFF:
        return ROUNDOFF[dtype]
    known = np.dtype(dtype)
    return unit_roundoff(known) if known.kind in "fc" else None


def _relative(difference: float, base: float) -> float:
    if difference == 0:
        return 0.0
    return difference / base if base > 0 else math.inf


def _reason(tally: Tally, dtypes) -> str:
    places = [f"{n} × {what}" for what, n in tally.misplaced.items()]
    other = [_against("dtype", dtypes)] if dtypes[0] != dtypes[1] else []
    return ", ".join(places + other)


def _against(what: str, sides) -> str:
    return f"{what} {sides[0]} against {sides[1]}"


def _json(value):
    """A number that JSON can hold: it knows no infinity, NaN or complex number."""
    if isinstance(value, bool | int) or (
        isinstance(value, float) and math.isfinite(value)
    ):
        return value
    return str(value)
