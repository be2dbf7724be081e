"""Whose fault a difference is, where a reference that is trusted settles it.

The arbiter of any pair trusts neither side. Here the reference sets the conventions:
what it takes for a constant is one, and a number that it has, the candidate must have.
"""

from dataclasses import replace

import numpy as np

from ...judge.arbiter import derivative, gradient_places
from ...judge.row import Row
from ...numerics.scores import LIMIT
from ...sides.trace import Feed

OPEN = ("reference: backward", "unsettled", "convention")
DIRECTIONS = 3


def missing(row: Row) -> bool:
    return row.judgement.reason.startswith("missing on my side")


def by_rows(rows: list[Row]) -> str | None:
    """The cause that the rows alone tell; None if they do not."""
    wrong = [row for row in rows if row.verdict == "mismatch"]
    if wrong and all(missing(row) and "grad of " in row.name for row in wrong):
        return "mine: backward"
    whole = [row for row in wrong if row.judgement.reason.startswith("integers")]
    if whole and all(row in whole for row in wrong):
        return "different functions"
    return None


def reconsidered(cause, side, reference, feed: Feed, names, rows) -> tuple[str, list]:
    """The cause of gradients that differ, and notes, where the arbiter's is open."""
    wrong = [row.name for row in rows if row.verdict == "mismatch"]
    gradients = [name for name in wrong if "grad of " in name]
    if cause not in OPEN or not gradients or gradients != wrong:
        return cause, []
    mine, theirs = side.run(feed), reference.run(feed)
    places = gradient_places(feed, names)
    notes, faults = [], False
    for name in gradients:
        if name not in mine or name not in theirs or name not in places:
            continue
        a, b = mine[name], theirs[name]
        if a.shape != b.shape:
            continue
        if np.isfinite(b).all() and not np.isfinite(a).all():
            return "mine: backward", []
        constant = constant_rows(a, b)
        if constant.any():
            rows_ = ", ".join(map(str, np.flatnonzero(constant)[:5]))
            notes.append(
                f"the reference takes rows {rows_} of {name.split('of ')[-1]} for "
                "constants (a padding_idx, a detach), mine does not"
            )
        if _contradicts(side, feed, name, places[name], a, b, ~constant):
            faults = True
    if faults:
        return "mine: backward", []
    return ("convention", notes) if notes else (cause, [])


def constant_rows(mine: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Rows in which the reference's gradient is 0 and mine is not."""
    if not theirs.ndim or not theirs.any():
        return np.zeros(theirs.shape[:1], bool)
    rest = tuple(range(1, theirs.ndim))
    return ~(theirs != 0).any(axis=rest) & (mine != 0).any(axis=rest)


def _contradicts(side, feed: Feed, name, place, mine, theirs, kept) -> bool:
    """Whether my backward pass contradicts my forward pass, rows of constants left out,
    where the reference's agrees with it.
    """
    rng = np.random.default_rng([feed.seed, 0x70])
    for _ in range(DIRECTIONS):
        v = rng.standard_normal(mine.shape)
        v[~(theirs != 0).reshape(len(theirs), -1).any(axis=1) | ~kept] = 0.0
        d = derivative(side, feed, name, place, v)
        gap = abs(d.claimed - float(np.vdot(theirs, v)))
        near = abs(d.measured - float(np.vdot(theirs, v)))
        if gap > 0 and d.error * LIMIT < gap and near * LIMIT < d.off:
            return True
    return False


def restructured(rows: list[Row]) -> list[Row]:
    """Where one side returned a tuple and the other a tensor, that is said once."""
    parts = [row for row in rows if row.name.startswith("output ")]
    whole = [row for row in rows if row.name == "output"]
    if not parts or not whole:
        return rows
    words = f"a tuple of {len(parts)} where a tensor was expected"
    if not missing(whole[0]):
        words = f"a tensor where a tuple of {len(parts)} was expected"
    told = replace(whole[0], judgement=replace(whole[0].judgement, reason=words))
    return [told if row is whole[0] else row for row in rows if row not in parts]
