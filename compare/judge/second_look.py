"""A difference at these very numbers: a mistake, a convention, or rounding?

A function may have a kink, a tie or a jump where it is asked. Two that are the same may
take different sides of it, by their convention or since rounding decides; two that
differ next to it as well are not the same. So what differs is looked at again at places
next to the numbers, at which nothing stands on a kink.
"""

from dataclasses import replace

import numpy as np

from ..numerics.dtypes import working_precision
from ..numerics.scores import LIMIT, score
from ..numerics.sizes import Size, finite_difference, parts
from ..numerics.verdict import Evidence, judge
from ..sides.trace import Feed, Trace
from .draw import UNDEFINED, Draw, fill_unused, run_both
from .row import Row, Rows

NUDGE = 2.0**-20
"""How far away float64 is asked again; the working precision at 2^-(p/2)."""

NUDGES, PINNED, AROUND = 4, 4, 12
"""Places next to the numbers, places on their exact kinks, and further places at which
the reference is asked which values it takes."""

SLACK = 0.01, 2.0**-16
"""Of the span of the values that the reference takes, and of their size."""

EITHER = "at a kink or jump, and rounding decides on which side"
KINK = "a convention at a kink: mine {}, the reference {}; next to it both agree"
POINT = "a value of its own at these very numbers; next to them both agree"
CONVENTIONS = KINK.partition(":")[0], POINT.partition(";")[0]


def is_convention(row: Row) -> bool:
    """Whether both sides differ by what they do at a kink, and nowhere else."""
    return row.judgement.reason.startswith(CONVENTIONS)


def is_decided_by_rounding(row: Row) -> bool:
    return row.judgement.reason == EITHER


def look_again(draw: Draw, rows: Rows) -> Rows:
    """The rows, those that differ at these very numbers only told as what they are."""
    if not draw.alone:
        rows = _SecondLook(draw, "mismatch").told(rows)
    if draw.precision.name != "float64":
        rows = _SecondLook(draw, "imprecise").told(rows)
    return rows


class _SecondLook:
    """One stage's failing rows, asked again: float64's mismatches, or what failed in
    the working precision."""

    def __init__(self, draw: Draw, verdict: str):
        self.draw, self.verdict = draw, verdict
        self.working = verdict == "imprecise"
        self.step = NUDGE
        self.place = draw.feed
        if self.working:
            self.place = draw.rounded
            self.step = 2.0 ** -(draw.precision.digits // 2)
        self.seed = draw.feed.seed

    def told(self, rows: Rows) -> Rows:
        draw = self.draw
        names = [
            row.name
            for row in rows
            if row.judgement.differs_in_value
            and (row.verdict == self.verdict or draw.alone)
        ]
        if not names:
            return rows
        agreeing, near, zeros = self._next_to_here(names)
        if not agreeing:
            return rows
        if self.working and not draw.alone:  # float64 judged the conventions
            tell = _either
        else:
            tell = self._teller(agreeing, near, zeros)
        told = Rows((tell(r) if r.name in agreeing else r for r in rows), rows.notes)
        return told

    def _next_to_here(self, names: list[str]):
        """The tensors on which both agree at all places next to here, the reference's
        traces there, and whether zeros were moved."""
        at = self.draw.reference.run(self.place)
        for zeros in (True, False):  # 0 may be the end of where a function is defined
            nudged = [
                self.place.nudged(self.step, [self.seed, 0x6E, k], zeros)
                for k in range(NUDGES)
            ]
            agreeing, near = self._agreement(names, nudged)
            if near and not (zeros and any(_less_finite(t, at) for t in near)):
                return agreeing, near, zeros
        return set(), [], False

    def _agreement(self, names, places: list[Feed]) -> tuple[set, list[Trace]]:
        """The tensors on which both sides agree at all of these places."""
        draw, agreeing, traces = self.draw, set(names), []
        for place in places:
            try:
                mine, theirs = run_both(draw.candidate, draw.reference, place)
                truth = theirs
                if self.working:
                    truth = draw.reference.run(place.cast(np.float64))
                    fill_unused(truth, theirs)
            except UNDEFINED:
                continue
            traces.append(theirs)
            agreeing = {n for n in agreeing if self._agree(n, mine, theirs, truth)}
            if not agreeing:
                break
        return (agreeing if traces else set()), traces

    def _agree(self, name: str, mine: Trace, theirs: Trace, truth: Trace) -> bool:
        if name not in mine or name not in theirs:
            return False
        draw = self.draw
        known = draw.evidence(name, 1)
        e = Evidence(
            gauge64=known.gauge64,
            gauge=known.gauge,
            carrier=theirs.carriers.get(name, Size()),
            precision=draw.precision,
        )
        if not self.working:
            e.candidate64, e.reference64 = mine[name], theirs[name]
            return not judge(e).differs_in_value
        e.candidate, e.reference, e.truth = mine[name], theirs[name], truth[name]
        e.labels = mine.dtype_of(name), theirs.dtype_of(name)
        return not judge(e).differs_in_value

    def _teller(self, agreeing: set, near: list[Trace], zeros: bool):
        """What to say of a row whose tensor agrees next to here."""
        draw, place = self.draw, self.place
        pinned = [place.pinned(self.step, self.seed + k) for k in range(PINNED)]
        vanishing, _ = self._agreement(agreeing, pinned)
        around = [draw.reference.run(place), *near]
        for k in range(NUDGES, NUDGES + AROUND):
            there = place.nudged(self.step, [self.seed, 0x6E, k], zeros)
            try:
                around.append(draw.reference.run(there))
            except UNDEFINED:
                continue
        mine = draw.candidate.run(place)
        flips = list(self._errors(place.nudged(self.step, [self.seed, 0x6E, 0], zeros)))

        def tell(row: Row) -> Row:
            whole = row.judgement.reason.startswith("integers")
            by_itself = any(_flips(row, errors.get(row.name)) for errors in flips)
            can_be = np.isfinite(row.score) or whole  # never NaN or infinity
            if can_be and (by_itself or row.name in vanishing):
                return _either(row)
            values = [trace.get(row.name) for trace in around]
            reason = POINT
            if _between(mine.get(row.name), values):
                reason = KINK.format(*map(_short, (row.mine, row.reference)))
            found = replace(row.judgement, verdict="mismatch", reason=reason)
            return replace(row, judgement=found)

        return tell

    def _errors(self, near: Feed):
        """Each side's errors in the working precision, here and next to here."""
        low = working_precision(self.draw.precision.name)
        sides = [self.draw.reference]
        if not self.draw.alone:
            sides.append(self.draw.candidate)
        for side in sides:
            found = []
            for place in (self.place, near):
                rounded = place.cast(low)
                try:
                    narrow, wide = side.run(rounded), side.run(rounded.cast(np.float64))
                except UNDEFINED:
                    break
                found.append(
                    {
                        name: Size.of(finite_difference(narrow[name], x))
                        for name, x in wide.items()
                        if name in narrow and narrow[name].shape == x.shape
                    }
                )
            if len(found) == 2:
                here, there = found
                yield {n: (x, there.get(n, Size())) for n, x in here.items()}


def _less_finite(near: Trace, at: Trace) -> bool:
    return any(
        name in near
        and near[name].shape == x.shape
        and np.isfinite(near[name]).sum() < np.isfinite(x).sum()
        for name, x in at.items()
        if x.dtype.kind in "fc"
    )


def _flips(row: Row, errors) -> bool:
    """Whether a side itself takes another side of the jump in the other precision."""
    gap = row.judgement.gap
    if errors is None or gap == Size():
        return False
    here, there = errors
    return not score(here, there).ok and score(gap, here).ok


def _between(mine, around: list) -> bool:
    """Whether each of my numbers is one between those that the reference takes."""
    if mine is None or not all(x is not None and x.shape == mine.shape for x in around):
        return False
    mine, around = parts(mine), [parts(x) for x in around]
    low, high = around[0].astype(np.float64), around[0].astype(np.float64)
    for x in around[1:]:
        low, high = np.fmin(low, x), np.fmax(high, x)
    of_span, of_size = SLACK
    with np.errstate(invalid="ignore"):
        size = np.maximum(np.abs(low), np.abs(high))
        slack = of_span * (high - low) + of_size * size
        inside = (mine >= low - slack) & (mine <= high + slack)
    return bool((inside | (mine == around[0])).all())


def _either(row: Row) -> Row:
    found = row.judgement
    told = min(found.score, LIMIT)
    found = replace(found, verdict="match", score=told, reason=EITHER, side=None)
    return replace(row, judgement=found)


def _short(value) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
