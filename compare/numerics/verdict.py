r"""When do two results match? Differences in units of what rounding explains.

No tolerance is chosen by hand. A difference counts as rounding if it is at most `LIMIT`
times what moving the inputs by one rounding does to the reference, or what the
reference's own rounding amounts to. Two stages for each tensor, in each pool of
elements that are measured together:

1. float64. $s = \mathrm{RMS}(c - r) / \max(\kappa, \mathrm{own}\, u_{64}/u,
   u_{64}\,\mathrm{RMS}(r))$ with $c$ the candidate, $r$ the reference, $u$ half the
   machine epsilon, and $\kappa$ the conditioning: how far the reference moves when
   inputs, parameters, upstream gradients and what its forward pass keeps for the way
   back are moved by one rounding. A mistake does not shrink when the precision grows;
   rounding does.
2. The working precision. With $t$ the reference in float64 on the rounded inputs, $s =
   \mathrm{RMS}(c - t) / \max(\mathrm{RMS}(r - t), \kappa, \mathrm{own},
   u\,\mathrm{RMS}(t))$, and the same with $c$ and $r$ exchanged. The side above the
   limit is imprecise, not wrong.

What the inputs' roundings do is not all: inside, $1 - \tanh^2$ or $\log(1 + e^{-30})$
round at the size of 1 and leave a small result with few digits, whatever the inputs. So
before anything is called different, both sides' own rounding is measured, at places
next to the inputs. Where it leaves the reference not one digit, float64 cannot tell
either, and stage 2 decides.

Beside the RMS stands the same formula with $\max|\cdot|$, so that one bad element among
a million is seen. Numbers below the smallest normal one count as 0.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from .dtypes import Precision, precision, unit_roundoff, working_precision
from .pools import ALL, Gauge, grain
from .scores import LIMIT, Score, score
from .sizes import Size, all_finite, finite_difference, finite_size, parts, vanishing

HALF = 0.5

ROUNDING_ONLY = 1e-4
"""A float64 difference below this part of the working precision's is rounding."""

TALL = 256
"""A sum of n numbers, one after the other, rounds at each partial sum and is off by
about $u\\sqrt n$: 0.3 to 0.4 of it in trials with NumPy's own sums along the first
axis. Beyond n = TALL that is more than LIMIT roundings, and nobody's mistake."""

AVERAGING = 11
"""Up to so many digits, what elements have in common is asked for as well."""

COMMON = 4
"""A common factor may be off by so many roundings: in 720 correct draws of half
precision it was off by at most 0.84."""


AND_VALUES = "and the values differ"


@dataclass
class Evidence:
    """One tensor as both sides computed it, in float64 and in a working precision.

    `carrier` is the size of a larger array from which the tensor was taken as a
    difference: an update is the difference of two weights, and carries their rounding.
    `height` is how many numbers each element may be a sum of. `labels` are the dtypes
    in which both sides' results came in the working precision. A candidate without
    float64 has no first stage.
    """

    candidate64: np.ndarray | None = None
    reference64: np.ndarray | None = None
    gauge64: Gauge = field(default_factory=lambda: Gauge([ALL]))
    candidate: np.ndarray | None = None
    reference: np.ndarray | None = None
    truth: np.ndarray | None = None
    gauge: Gauge = field(default_factory=lambda: Gauge([ALL]))
    carrier: Size = field(default_factory=Size)
    height: float = 1.0
    labels: tuple[str, str] | None = None
    precision: Precision = field(default_factory=lambda: precision(np.float64))

    @property
    def alone(self) -> bool:
        """Whether the working precision is all that there is."""
        return self.candidate64 is None

    @property
    def tall(self) -> float:
        return max(1.0, (self.height / TALL) ** 0.5)

    def floor(self, u: float, moved: Size, values: np.ndarray) -> Size:
        """What a rounding of u explains: of the inputs, which moves the result so far,
        and of the result itself."""
        size = finite_size(values)
        explained = (moved | size * u) * self.tall
        return explained | self.carrier * u


@dataclass(frozen=True)
class Judgement:
    """What follows for one tensor.

    `verdict` is "match", "imprecise" or "mismatch"; `stage` the dtype in which the
    deciding score was taken; `side` the imprecise one, "mine" or "reference". `gap` is
    the size of the difference. `resolution` is the smallest error, as a part of the
    tensor's RMS, that the working precision could have shown, and `blind` the share of
    elements so small beside the others that not even a factor of 2 would have shown.
    """

    verdict: str
    score: float
    stage: str
    reason: str = ""
    side: str | None = None
    index: tuple[int, ...] | None = None
    values: tuple = ()
    gap: Size = field(default_factory=Size)
    resolution: float | None = None
    blind: float = 0.0

    @property
    def differs_in_value(self) -> bool:
        """Whether it fails by its numbers, not by its dtype, shape or absence alone."""
        if self.verdict == "match" or self.reason.startswith(("missing", "shape")):
            return False
        return not self.reason.startswith("dtype") or AND_VALUES in self.reason


def judge(e: Evidence) -> Judgement:
    """The verdict on one tensor."""
    wrong = _wrong_dtype(e)
    if not wrong:
        return _judge_values(e)
    # The values are judged all the same: a wrong dtype does not hide a wrong value.
    if not e.alone and _is_narrower(e.candidate64, e.reference64):
        e = _in_its_own_precision(e)
    elif not e.alone:
        e = replace(e, candidate64=e.candidate64.astype(e.reference64.dtype))
    if e.candidate is not None:
        rounded = e.precision.rounded(e.candidate)
        e = replace(e, candidate=rounded, labels=None)
    found = _judge_values(e)
    if found.verdict != "match":
        reason = f"{wrong}; {AND_VALUES}: {found.reason}"
        return replace(found, verdict="mismatch", reason=reason)
    return replace(found, verdict="mismatch", score=float("inf"), reason=wrong)


def _wrong_dtype(e: Evidence) -> str:
    """Of two arrays of floats, the wrong dtype, in the first stage that has one."""
    pairs = [(e.candidate64, e.reference64), (e.candidate, e.reference)]
    for k, (c, r) in enumerate(pairs):
        if c is None or c.shape != r.shape or not is_inexact(c, r):
            continue
        mine, theirs = e.labels if k and e.labels else (c.dtype, r.dtype)
        if mine != theirs and c.dtype.kind == r.dtype.kind:
            return f"dtype {mine}, expected {theirs}"
    return ""


def _is_narrower(c: np.ndarray, r: np.ndarray) -> bool:
    return c.dtype.itemsize < r.dtype.itemsize


def _in_its_own_precision(e: Evidence) -> Evidence:
    """What came narrower than float64 is judged as what it is."""
    known = precision(parts(e.candidate64).dtype)
    return replace(
        e,
        candidate64=None,
        candidate=e.candidate64,
        reference=known.rounded(e.reference64),
        truth=e.reference64,
        gauge=e.gauge64,
        precision=known,
    )


def is_inexact(*arrays: np.ndarray) -> bool:
    return all(x.dtype.kind in "fc" for x in arrays)


def _judge_values(e: Evidence) -> Judgement:
    first = None
    if not e.alone:
        first = _first_stage(e)
        if first.verdict == "mismatch" or e.candidate is None:
            return first
    elif not is_inexact(e.reference):
        return _exact(e.candidate, e.reference)
    if first is not None and not is_inexact(e.reference64):
        return _exact(e.candidate, e.reference)
    return _second_stage(e, first)


# Stage 1.


def _first_stage(e: Evidence) -> Judgement:
    c, r = e.candidate64, e.reference64
    obstacle = _obstacle(c, r)
    if obstacle:
        return _refused(obstacle, c, r, "float64")
    if not is_inexact(r):
        return _exact(c, r)
    (members,) = e.gauge64.pools
    difference = finite_difference(c, r)
    gap = Size.of(difference[members])
    found = score(gap, _explained64(e, members))
    at = worst_place(c, r, members, difference)
    if found.ok or (e.candidate is not None and _is_rounding(e, gap, members)):
        return Judgement("match", found.value, "float64", gap=gap, **at)
    reason = "a difference that does not shrink with the precision"
    if e.candidate is None:
        reason = "more than rounding explains"
    return Judgement("mismatch", found.value, "float64", reason, gap=gap, **at)


def _explained64(e: Evidence, members) -> Size:
    u = unit_roundoff(np.float64)
    shrunk = u / working_precision(e.precision.name).roundoff
    floor = e.floor(u, e.gauge64.movement(0, u), parts(e.reference64)[members])
    own = (e.gauge64.own[0] | e.gauge64.own_mine[0]) * shrunk
    return floor | own | vanishing(np.float64)


def _is_rounding(e: Evidence, gap: Size, members) -> bool:
    """Whether a float64 difference is rounding, since far larger in the working
    precision, or since the reference itself has not one digit there."""
    if _obstacle(e.candidate, e.reference):
        size = finite_size(parts(e.reference64)[members])
        return gap.rms < ROUNDING_ONLY * size.rms
    own = e.gauge64.own[0]
    if own.rms > HALF * finite_size(parts(e.truth)[members]).rms:
        return True
    working = Size.of(finite_difference(e.candidate, e.reference)[members])
    working |= own | e.gauge64.own_mine[0]  # a few may be equal by luck
    return gap.rms < ROUNDING_ONLY * working.rms


# Stage 2.


def _second_stage(e: Evidence, first: Judgement | None) -> Judgement:
    c, r, stage = e.candidate, e.reference, e.precision.name
    obstacle = _obstacle(c, r)
    if obstacle:
        found = _refused(obstacle, c, r, stage)
        if first is None or c.shape != r.shape or c.dtype != r.dtype:
            return found
        # Nearly the same in float64: what overflows or cancels here is precision.
        lost = (~np.isfinite(c)).sum() >= (~np.isfinite(r)).sum()
        side = "mine" if lost else "reference"
        return replace(found, verdict="imprecise", side=side)
    seen = _Sight(e)
    at = worst_place(c, r, seen.where)
    about = {"gap": seen.gap, "resolution": seen.resolution, "blind": seen.blind}
    worse = max(seen.mine, seen.theirs, key=lambda s: s.value)
    if not worse.ok:
        side = "mine" if worse is seen.mine else "reference"
        reason = f"{side} is less precise than rounding explains"
        if seen.common and side == "mine":
            reason = seen.common
        return Judgement("imprecise", worse.value, stage, reason, side, **at, **about)
    if first is not None and first.score >= seen.mine.value:
        about = {"resolution": seen.resolution, "blind": seen.blind}
        return replace(first, score=min(first.score, LIMIT), **about)
    return Judgement("match", seen.mine.value, stage, **at, **about)


class _Sight:
    """How far both sides are from the truth, in the pool in which it is worst.

    `resolution` and `blind` say what could not have been seen.
    """

    def __init__(self, e: Evidence):
        self.mine, self.theirs = Score(), Score()
        self.where, self.gap, self.common = e.gauge.pools[0], Size(), ""
        self.resolution, self.blind = 0.0, 0.0
        c, r, t = (parts(x) for x in (e.candidate, e.reference, e.truth))
        lost = None
        if not (all_finite(c) and all_finite(r)):
            lost = ~(np.isfinite(r) & np.isfinite(c))
            t = np.where(lost, 0, t)
        mine_gap = finite_difference(c, t, lost)
        theirs_gap = finite_difference(r, t, lost)
        hidden = there = 0
        for i, members in enumerate(e.gauge.pools):
            mine, theirs = Size.of(mine_gap[members]), Size.of(theirs_gap[members])
            values = t[members]
            u = e.precision.roundoff
            floor = e.floor(u, e.gauge.movement(i, u), values)
            floor |= vanishing(e.precision.name)
            usual = theirs | e.gauge.own[i] | floor
            if i:  # small ones beside larger: no digits below the grain of those
                top = u * Size.of(t[e.gauge.pools[0]]).peak
                usual |= Size.of(grain(c[members], top))
            found = score(mine, usual), score(theirs, mine | floor)
            if i:
                found = found[0], Score()
            if max(s.value for s in found) > max(self.mine.value, self.theirs.value):
                self.mine, self.theirs = found
                self.where, self.gap = members, mine
            size = Size.of(values)
            share = LIMIT * usual.rms / size.rms if size.rms > 0 else 0.0
            if not i or share < 1:  # what cannot be seen at all is counted below
                self.resolution = max(self.resolution, share)
            size = np.abs(values)
            nonzero = np.count_nonzero(size)
            there += nonzero
            if usual.rms > 0:
                hidden += nonzero - np.count_nonzero(size >= LIMIT * usual.rms)
            if not i and e.alone and e.precision.digits <= AVERAGING:
                self._ask_together(e, mine_gap[members], theirs_gap[members], values)
        self.blind = hidden / max(there, 1)

    def _ask_together(self, e: Evidence, mine, theirs, t) -> None:
        """Whether the elements have a factor in common: averaging over many of them
        shows one that none of them could show alone."""
        size = float(np.vdot(t, t))
        if size == 0 or not np.isfinite(size):
            return
        rms = Size.of(t).rms
        u = e.precision.roundoff
        own = (e.gauge.own[0] | e.gauge.movement(0, u)).rms / rms
        factor = abs(float(np.vdot(mine, t))) / size
        usual = max(u, own, abs(float(np.vdot(theirs, t))) / size)
        found = Score(factor / (COMMON * usual) * LIMIT)
        if found.value > max(self.mine.value, self.theirs.value):
            self.mine, self.gap = found, Size.of(mine)
            if not found.ok:
                self.common = f"the values have a factor of 1 ± {factor:.1e} in common"


# What cannot be subtracted.


def _obstacle(c: np.ndarray, r: np.ndarray) -> str:
    """Why two arrays cannot even be subtracted; empty if they can."""
    if c.shape != r.shape:
        return f"shape {c.shape}, expected {r.shape}"
    if c.dtype != r.dtype:
        return f"dtype {c.dtype}, expected {r.dtype}"
    if not is_inexact(r):
        return ""
    c, r = parts(c), parts(r)
    if all_finite(c) and all_finite(r):
        return ""
    for what, test in (("NaN", np.isnan), ("infinity", np.isinf)):
        if not np.array_equal(test(c), test(r)):
            return f"{what} in {_places(test(c), test(r))}"
    if not np.array_equal(c[np.isinf(c)], r[np.isinf(r)]):
        return "infinities of different sign"
    return ""


def _places(c: np.ndarray, r: np.ndarray) -> str:
    mine, theirs = int((c & ~r).sum()), int((r & ~c).sum())
    return " and ".join(
        f"{n} of {c.size} places on {side} alone"
        for n, side in ((mine, "my side"), (theirs, "the reference's side"))
        if n
    )


def _refused(obstacle, c, r, stage) -> Judgement:
    at = worst_place(c, r) if c.shape == r.shape else {}
    return Judgement("mismatch", float("inf"), stage, obstacle, **at)


def _exact(c: np.ndarray, r: np.ndarray) -> Judgement:
    """Integers, indices and booleans must be equal."""
    obstacle = _obstacle(c, r)
    if obstacle:
        return _refused(obstacle, c, r, r.dtype.name)
    at = worst_place(c, r)
    if np.array_equal(c, r):
        return Judgement("match", 0.0, r.dtype.name, **at)
    reason = "integers and booleans must be equal"
    return Judgement("mismatch", float("inf"), r.dtype.name, reason, **at)


def worst_place(
    c: np.ndarray, r: np.ndarray, members=ALL, difference: np.ndarray | None = None
) -> dict:
    """The index of the largest difference among `members`, and both values there.

    `difference` is c - r in float64 where it is known, and finite.
    """
    if c.size == 0:
        return {}
    a, b = parts(c), parts(r)
    if difference is None:
        with np.errstate(invalid="ignore", over="ignore"):
            difference = np.asarray(a, np.float64) - np.asarray(b, np.float64)
    gap = np.abs(difference)
    if not all_finite(gap):
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        gap = np.where(same, 0, np.where(np.isnan(gap), np.inf, gap))
    if members is not ALL:
        gap = np.where(members, gap, -1)
    index = np.unravel_index(int(gap.argmax()), gap.shape)[: c.ndim]
    return {
        "index": tuple(map(int, index)),
        "values": (c[index].item(), r[index].item()),
    }
