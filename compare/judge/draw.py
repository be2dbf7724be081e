"""One draw of a pair: run both sides in both precisions, judge every tensor."""

from dataclasses import replace

import numpy as np

from ..numerics.scores import (
    CONDITIONING_DRAWS,
    OWN_ERROR_DRAWS,
    Evidence,
    Judgement,
    Size,
    conditioning,
    judge,
    working_precision,
)
from ..sides.trace import Feed, Trace
from .row import Row

EQUAL = Judgement("match", 0.0, "float64")


def compare_draw(candidate, reference, feed: Feed, dtype=np.float32) -> list[Row]:
    """Rows for every tensor that either side produced, in the reference's order.

    `candidate` and `reference` are sides, `feed` holds the numbers in float64, `dtype`
    is the working precision of stage 2 (float64 leaves stage 2 out).
    """
    dtype = np.dtype(dtype)
    mine64, theirs64 = candidate.run(feed), reference.run(feed)
    same = _same_bits(mine64, theirs64)
    if same and dtype == np.float64:  # there is nothing to be explained
        return [Row(n, x.shape, str(x.dtype), EQUAL) for n, x in theirs64.items()]
    kappas64 = {} if same else _kappas(reference, feed, theirs64, np.float64)
    working = ()
    if dtype != np.float64:
        rounded = feed.cast(dtype)
        mine, theirs = candidate.run(rounded), reference.run(rounded)
        wide = rounded.cast(np.float64)
        truth = reference.run(wide)
        working = mine, theirs, truth, _kappas(reference, wide, truth, dtype)
    rows = _rows(mine64, theirs64, kappas64, {}, dtype, *working)
    if all(row.ok for row in rows) or not getattr(reference, "follows_dtype", True):
        return rows
    # Before anything is called different: how precise is the reference itself?
    own_errors = _own_errors(reference, feed.cast(working_precision(dtype)))
    return _rows(mine64, theirs64, kappas64, own_errors, dtype, *working)


def compare_narrow(candidate, reference, feed: Feed, dtype) -> list[Row]:
    """`compare_draw` of a candidate that cannot run in float64: by stage 2 alone.

    A difference above what rounding explains is then a mismatch, whatever it is.
    """
    rounded = feed.cast(dtype)
    mine = candidate.run(rounded)
    exact = reference.run(rounded.cast(np.float64))

    class Widened:
        """The candidate, which in float64 is taken to be right."""

        def run(self, feed):
            if feed.dtype == np.dtype(dtype):
                return mine
            return Trace((name, exact.get(name, x)) for name, x in mine.items())

    rows = compare_draw(Widened(), reference, rounded.cast(np.float64), dtype)
    return [_without_float64(row) for row in rows]


def _without_float64(row: Row) -> Row:
    judgement = row.judgement
    if judgement.verdict != "imprecise" or judgement.side != "mine":
        return row
    reason = "more than rounding explains: a mistake, or a loss of precision"
    if not np.isfinite(judgement.score):
        reason = judgement.reason
    judgement = replace(judgement, verdict="mismatch", reason=reason)
    return replace(row, judgement=judgement)


def _same_bits(mine: Trace, theirs: Trace) -> bool:
    return mine.keys() == theirs.keys() and all(
        (x.dtype, x.shape, x.tobytes())
        == (theirs[name].dtype, theirs[name].shape, theirs[name].tobytes())
        for name, x in mine.items()
    )


def _kappas(reference, feed: Feed, base: Trace, dtype) -> dict[str, Size]:
    """The conditioning of every tensor, from K float64 runs on moved numbers."""
    rng = np.random.default_rng([feed.seed, 0x6B])
    moved = [reference.run(feed.moved(dtype, rng)) for _ in range(CONDITIONING_DRAWS)]
    return {
        name: conditioning(x, [m[name] for m in moved if name in m])
        for name, x in base.items()
        if np.issubdtype(x.dtype, np.floating)
    }


def _own_errors(reference, rounded: Feed) -> dict[str, Size]:
    """The reference's largest rounding error, at `rounded` and neighbours of it."""
    rng = np.random.default_rng([rounded.seed, 0x6F])
    neighbours = [rounded.moved(rounded.dtype, rng) for _ in range(OWN_ERROR_DRAWS)]
    largest: dict[str, Size] = {}
    for feed in [rounded, *neighbours]:
        narrow, truth = reference.run(feed), reference.run(feed.cast(np.float64))
        for name, error in {
            n: conditioning(truth[n], [narrow[n]]) for n in truth
        }.items():
            largest[name] = largest.get(name, Size()) | error
    return largest


def _rows(mine64, theirs64, kappas64, own_errors, dtype, *working) -> list[Row]:
    mine, theirs, truth, kappas = working or (None, None, None, {})
    rows = []
    for name in [*theirs64, *(n for n in mine64 if n not in theirs64)]:
        absent = [
            side
            for side, traces in (
                ("my side", (mine64, mine)),
                ("the reference's side", (theirs64, theirs)),
            )
            if any(t is not None and name not in t for t in traces)
        ]
        if absent:
            there = theirs64.get(name, mine64.get(name))
            judgement = Judgement(
                "mismatch", float("inf"), "float64", f"missing on {absent[0]}"
            )
            rows.append(Row(name, there.shape, str(there.dtype), judgement))
            continue
        evidence = Evidence(
            candidate64=mine64[name],
            reference64=theirs64[name],
            kappa64=kappas64.get(name, Size()),
            own_error=own_errors.get(name),
            carrier=theirs64.carriers.get(name, Size()),
            dtype=dtype,
        )
        if working:
            evidence.candidate, evidence.reference = mine[name], theirs[name]
            evidence.truth, evidence.kappa = truth[name], kappas.get(name, Size())
        shape = theirs64[name].shape
        shown = dtype if np.issubdtype(theirs64[name].dtype, np.floating) else None
        rows.append(
            Row(name, shape, str(shown or theirs64[name].dtype), judge(evidence))
        )
    return rows
