"""One draw of a pair: run both sides in both precisions, judge every tensor."""

from dataclasses import replace

import numpy as np

from ..numerics.dtypes import precision, unit_roundoff, working_precision
from ..numerics.pools import Gauge, gauge, gauge_by_size
from ..numerics.scores import LIMIT
from ..numerics.sizes import Size, finite_difference, finite_size, parts
from ..numerics.verdict import HALF, Evidence, Judgement, is_inexact, judge
from ..sides.trace import Feed, Trace
from .repeats import repeat_rows
from .row import Row, Rows

EQUAL = Judgement("match", 0.0, "float64")

COARSE = 2.0**-24
"""The step of a ray, where the precision does not ask for a larger one."""

FIRST_RAYS, RAYS, MORE_RAYS = 1, 4, 16
"""How many rays are followed: at first, where a score comes near to the limit, and
before anything is called different."""

NEAR = LIMIT / 2

OWN_PLACES = 16
"""Places next to the inputs at which a side's own rounding is measured: the error of a
single number is small by luck too often to be taken at one place."""

GROSS = 1e6
"""A score that neither more rays nor more places can bring below the limit."""

UNDEFINED = (RuntimeError, ValueError, IndexError)
"""What a side may raise at a place next to its inputs, where it is not defined."""


def compare_draw(
    candidate, reference, feed: Feed, dtype=np.float32, twice: bool = False
) -> Rows:
    """Rows for every tensor that either side produced, in the reference's order.

    `candidate` and `reference` are sides, `feed` holds the numbers in float64, `dtype`
    is the working precision of stage 2 (float64 leaves stage 2 out). `twice` asks
    whether the candidate gives the same again.
    """
    return Draw(candidate, reference, feed, dtype, twice=twice).judged()


def compare_narrow(
    candidate, reference, feed: Feed, dtype, twice: bool = False
) -> Rows:
    """`compare_draw` of a candidate that cannot run in float64: by stage 2 alone.

    A difference above what rounding explains is then a mismatch, whatever it is.
    """
    rows = Draw(candidate, reference, feed, dtype, alone=True, twice=twice).judged()
    return Rows(map(_without_float64, rows), rows.notes)


def _without_float64(row: Row) -> Row:
    judgement = row.judgement
    if judgement.verdict != "imprecise" or judgement.side != "mine":
        return row
    reason = judgement.reason
    if reason.startswith("mine is less precise"):
        reason = "more than rounding explains: a mistake, or a loss of precision"
    return replace(row, judgement=replace(judgement, verdict="mismatch", reason=reason))


class Draw:
    """What is known of one draw; more is measured only where it is needed.

    `wide` holds the numbers in float64 that the working precision gets, `place` those
    at which the verdict is taken.
    """

    def __init__(
        self,
        candidate,
        reference,
        feed: Feed,
        dtype,
        alone: bool = False,
        twice: bool = False,
    ):
        self.candidate, self.reference = candidate, reference
        self.feed, self.alone = feed, alone
        self.precision = precision(dtype)
        self.mine64 = self.theirs64 = self.mine = self.theirs = self.truth = None
        self.again: Trace | None = None  # of the candidate, called a second time
        if not alone:
            last = twice and self.precision.name == "float64"
            self.mine64, self.theirs64 = self._run_both(feed, last)
        self.wide = feed
        if self.precision.name != "float64":
            self.rounded = feed.cast(self.precision)
            self.wide = self.rounded.cast(np.float64)
            self.mine, self.theirs = self._run_both(self.rounded, twice)
            self.truth = reference.run(self.wide)
            fill_unused(self.truth, self.theirs)
        self.step = max(COARSE, self.precision.roundoff)
        self.gauges64: dict[str, Gauge] = {}
        self.gauges: dict[str, Gauge] = {}
        self.rays = self.places = 0

    def _run_both(self, feed: Feed, twice: bool) -> tuple[Trace, Trace]:
        if not twice:
            return run_both(self.candidate, self.reference, feed)
        mine, self.again = self.candidate.run_twice(feed)
        return meet(mine, self.reference.run(feed))

    def judged(self) -> Rows:
        rows = self._judged()
        if self.again is not None:
            mine = self.mine64 if self.mine is None else self.mine
            rows += repeat_rows(mine, self.again, self.precision)
        return rows

    def _judged(self) -> Rows:
        if self._same_bits():  # there is nothing to be explained
            return self.rows()
        if not getattr(self.reference, "follows_dtype", True):
            self._move_by_roundings()
            return self.rows()
        self.follow_rays(FIRST_RAYS)
        rows = self.rows()
        if any(row.score > NEAR for row in rows):
            self.follow_rays(RAYS)
            rows = self.rows()
        if not any(row.judgement.differs_in_value for row in rows):
            return rows
        # Before anything is called different: how precise are both sides themselves?
        self.measure_own_rounding(1)
        rows = self.rows()
        if not self._are_gross(rows):
            self.follow_rays(MORE_RAYS)
            self.measure_own_rounding(OWN_PLACES)
            rows = self.rows()
        if any(not row.ok for row in rows):
            from .second_look import look_again

            rows = look_again(self, rows)
        if self.precision.name == "float64":
            rows = self._ask_float32(rows)
        return rows

    def _same_bits(self) -> bool:
        pairs = (self.mine64, self.theirs64), (self.mine, self.theirs)
        return all(same_bits(*pair) for pair in pairs if pair[0] is not None)

    # What is measured.

    def follow_rays(self, count: int) -> None:
        """How every element moves from one step to two along `count` rays in all.

        The place itself is left out: it may lie on a kink or jump, and both ends of the
        difference lie on the same side of it, whatever it is.
        """
        while self.rays < count:
            seed = [self.feed.seed, 0x6B, self.rays]
            self.rays += 1
            try:
                ends = self.wide.stepped(self.step, seed)
                near, far = map(self.reference.run, ends)
            except UNDEFINED:
                continue
            self._see(
                {
                    name: finite_difference(far[name], x)
                    for name, x in near.items()
                    if is_inexact(x) and name in far and far[name].shape == x.shape
                }
            )
        if not self.gauges64 and not self.gauges:  # not defined at any place near here
            self.gauges64, self.gauges = self._gauges({})

    def _see(self, moves: dict[str, np.ndarray]) -> None:
        """The first ray tells who carries rounding, and so who is measured together."""
        if not self.gauges64 and not self.gauges:
            self.gauges64, self.gauges = self._gauges(moves)
            return
        for gauges in (self.gauges64, self.gauges):
            for name, x in moves.items():
                if name in gauges and _fits(gauges[name], x):
                    gauges[name].see("moved", x)

    def _gauges(self, moves: dict[str, np.ndarray]) -> tuple[dict, dict]:
        wide, narrow = {}, {}
        for name in self.names:
            ray = moves.get(name)
            pair = [_held(trace, name) for trace in (self.mine64, self.theirs64)]
            if all(x is not None and is_inexact(x) for x in pair):
                wide[name] = gauge(*pair, ray, self.step)
            pair = [_held(trace, name) for trace in (self.mine, self.theirs)]
            if not all(x is not None and is_inexact(x) for x in pair):
                continue
            if self.alone:
                c, r = pair
                truth = self.truth[name]
                narrow[name] = gauge_by_size(
                    c, truth, r, ray, self.step, self.precision
                )
            else:
                narrow[name] = gauge(*pair, ray, self.step)
        return wide, narrow

    def _move_by_roundings(self) -> None:
        """The same of a side that computes in a precision of its own: it is moved by
        one rounding of each stage's precision."""
        places = [(self.feed, np.float64, self.theirs64, self.mine64, self.gauges64)]
        if self.truth is not None:
            dtype = self.precision.storage
            places.append((self.wide, dtype, self.truth, self.mine, self.gauges))
        for feed, dtype, base, mine, gauges in places:
            rng = np.random.default_rng([feed.seed, 0x6B])
            for _ in range(RAYS):
                moved = self.reference.run(feed.moved(dtype, rng))
                for name, x in base.items():
                    if not is_inexact(x) or name not in mine:
                        continue
                    found = gauges.setdefault(name, Gauge([...], unit_roundoff(dtype)))
                    found.see("moved", finite_difference(moved[name], x))

    def _ask_float32(self, rows: Rows) -> Rows:
        """Where float32 leaves the reference not one digit, float64 alone cannot tell
        how many it has: of what saturates, the second stage decides.
        """
        lost = {
            row.name
            for row in rows
            if row.judgement.differs_in_value
            and row.name in self.gauges64
            and self.gauges64[row.name].own[0].rms > HALF * self._size64(row.name)
        }
        if not lost:
            return rows
        asked = compare_draw(self.candidate, self.reference, self.feed, np.float32)
        told = {row.name: row for row in asked if row.name in lost}
        return Rows((told.get(row.name, row) for row in rows), rows.notes)

    def _size64(self, name: str) -> float:
        """The RMS of the elements of a tensor that are measured together."""
        (members,) = self.gauges64[name].pools
        return finite_size(parts(self.theirs64[name])[members]).rms

    def _are_gross(self, rows: Rows) -> bool:
        """Whether all that fails is so far off in float64 that no rounding can explain
        it: as a part of the tensor it is more than the working precision loses."""
        for row in rows:
            found = row.judgement
            if found.verdict == "match":
                continue
            if found.stage != "float64" or not np.isfinite(found.score):
                return False
            size = self._size64(row.name)
            own = self.gauges64[row.name].own[0].rms
            if found.score < GROSS or found.gap.rms < size / 1024 or own > size:
                return False
        return True

    def measure_own_rounding(self, count: int) -> None:
        """Both sides' rounding errors at `count` places in all next to the inputs,
        where they lie on no kink."""
        low = working_precision(self.precision.name)
        rounded = self.feed.cast(low)
        step = 2.0 ** -(low.digits // 2)
        sides = [("own", self.reference)]
        if not self.alone:
            sides.append(("own_mine", self.candidate))
        for what, side in sides:
            for k in range(self.places, count):
                seed = [self.feed.seed, 0x6F, k]
                place = rounded.nudged(step, seed, zeros=False)
                try:
                    narrow, truth = side.run(place), side.run(place.cast(np.float64))
                except UNDEFINED:
                    continue
                for gauges in (self.gauges64, self.gauges):
                    for name, known in gauges.items():
                        _see_error(known, what, narrow.get(name), truth.get(name))
        self.places = count

    # What follows.

    @property
    def names(self) -> list[str]:
        """Of every tensor, in the reference's order."""
        mine, theirs = self.shown
        return [*theirs, *(n for n in mine if n not in theirs)]

    @property
    def shown(self) -> tuple[Trace, Trace]:
        """Both sides' traces, by which tensors are there and what they look like."""
        if self.alone:
            return self.mine, self.theirs
        return self.mine64, self.theirs64

    def rows(self) -> Rows:
        rows, height = Rows(), largest(self.feed)
        rows.notes += self.unclaimed()
        for name in self.names:
            if any(name in t.unclaimed for t in self.traces):
                continue
            absent = self._absent(name)
            if absent:
                there = next(t[name] for t in self.traces if name in t)
                found = Judgement("mismatch", float("inf"), self.stage, absent)
                rows.append(Row(name, there.shape, str(there.dtype), found))
                continue
            x = self.shown[1][name]
            shown = self.precision.name if x.dtype.kind == "f" else x.dtype
            found = judge(self.evidence(name, height))
            rows.append(Row(name, x.shape, str(shown), found))
        return rows

    @property
    def stage(self) -> str:
        return self.precision.name if self.alone else "float64"

    @property
    def traces(self) -> list[Trace]:
        found = self.mine64, self.theirs64, self.mine, self.theirs
        return [trace for trace in found if trace is not None]

    def _absent(self, name: str) -> str:
        if name.startswith("write to ") and name not in self.shown[1]:
            return f"mine {name.replace('write to', 'writes to its input')}"
        sides = {
            "my side": (self.mine64, self.mine),
            "the reference's side": (self.theirs64, self.theirs),
        }
        for side, traces in sides.items():
            if any(t is not None and name not in t for t in traces):
                return f"missing on {side}"
        return ""

    def unclaimed(self) -> list[str]:
        """What is not compared, and why."""
        reasons: dict[str, None] = {}
        for trace in self.traces:
            for name, reason in trace.unclaimed.items():
                reasons[f"{name} is not compared: {reason}"] = None
        return list(reasons)

    def evidence(self, name: str, height: float) -> Evidence:
        e = Evidence(precision=self.precision)
        e.carrier = self.shown[1].carriers.get(name, Size())
        e.gauge64 = self.gauges64.get(name, e.gauge64)
        e.gauge = self.gauges.get(name, e.gauge)
        if not self.alone:
            e.candidate64, e.reference64 = self.mine64[name], self.theirs64[name]
        if self.mine is not None:
            e.candidate, e.reference = self.mine[name], self.theirs[name]
            e.truth = self.truth.get(name)
            e.labels = self.mine.dtype_of(name), self.theirs.dtype_of(name)
        e.height = height / max(1, self.shown[1][name].size)
        return e


def run_both(candidate, reference, feed: Feed) -> tuple[Trace, Trace]:
    return meet(candidate.run(feed), reference.run(feed))


def meet(mine: Trace, theirs: Trace) -> tuple[Trace, Trace]:
    """Both sides' traces. What autograd left out, since nothing depends on it, is 0."""
    if theirs.without_way_back:
        for name in [n for n in mine if "grad of" in n and n not in theirs]:
            theirs.unclaimed[name] = "the reference has no way back"
    fill_unused(mine, theirs)
    fill_unused(theirs, mine)
    return mine, theirs


def fill_unused(trace: Trace, other: Trace) -> None:
    for name in trace.unused:
        if name in other and name not in trace:
            trace[name] = np.zeros_like(other[name])
            if name in other.narrowed:
                trace.narrowed.add(name)


def movement(reference, wide: Feed, roundoff: float) -> dict[str, Size]:
    """How far a rounding of `roundoff` moves every tensor of the reference."""
    found: dict[str, Size] = {}
    for ray in range(RAYS):
        try:
            ends = wide.stepped(COARSE, [wide.seed, 0x6B, ray])
            near, far = map(reference.run, ends)
        except UNDEFINED:
            continue
        for name, x in near.items():
            if is_inexact(x) and name in far and far[name].shape == x.shape:
                moved = Size.of(finite_difference(far[name], x)) * (roundoff / COARSE)
                found[name] = found.get(name, Size()) | moved
    return found


def largest(feed: Feed) -> int:
    """The size of the largest array that goes into a run."""
    arrays = [*feed.inputs, *(feed.upstream or ())]
    return max((x.size for x in arrays if isinstance(x, np.ndarray)), default=1)


def same_bits(mine: Trace, theirs: Trace) -> bool:
    return mine.keys() == theirs.keys() and all(
        (x.dtype, x.shape) == (theirs[name].dtype, theirs[name].shape)
        and mine.dtype_of(name) == theirs.dtype_of(name)
        and x.tobytes() == theirs[name].tobytes()
        for name, x in mine.items()
    )


def _held(trace: Trace | None, name: str) -> np.ndarray | None:
    return None if trace is None else trace.get(name)


def _fits(known: Gauge, x: np.ndarray) -> bool:
    members = known.pools[0]
    return members is ... or members.shape == x.shape


def _see_error(known: Gauge, what: str, narrow, truth) -> None:
    if narrow is None or truth is None or narrow.shape != truth.shape:
        return
    error = finite_difference(narrow, truth)
    if _fits(known, error):
        known.see(what, error)
