r"""When do two results match? Differences in units of what rounding explains.

No tolerance is chosen by hand. A difference counts as rounding if it is at most `LIMIT`
times what moving the inputs by one rounding does to the reference, or what the
reference's own rounding amounts to. Two stages per tensor:

1. float64. $s = \mathrm{RMS}(c - r) / \max(\kappa, u\,\mathrm{RMS}(r))$ with $c$ the
   candidate, $r$ the reference, $u = 2^{-53}$, and $\kappa$ the conditioning: the
   largest RMS by which the reference moves when inputs, parameters, upstream gradients
   and what its forward pass keeps for the way back are moved by one rounding with
   random signs. A mistake does not shrink when the precision grows; rounding does.
2. The working precision. With $t$ the reference in float64 on the rounded inputs, $s =
   \mathrm{RMS}(c - t) / \max(\mathrm{RMS}(r - t), \kappa, u\,\mathrm{RMS}(t))$, and the
   same with $c$ and $r$ exchanged. The side above the limit is imprecise, not wrong.

What the inputs' roundings do is not all: inside, $1 - \tanh^2$ or $\log(1 + e^{-30})$
round at the size of 1 and leave a small result with few digits, whatever the inputs. So
before anything is called different, the reference's own rounding is measured, as the
largest RMS error in the working precision at the inputs and 16 neighbours of them. It
stands in the place of $\mathrm{RMS}(r - t)$ and, since rounding is proportional to $u$,
scaled by $u_{64}/u$ among what explains a float64 difference. Where it leaves the
reference not one digit, float64 cannot tell either, and stage 2 decides.

Numbers below the smallest normal one count as 0: libraries flush them.

Beside the RMS stands the same formula with $\max|\cdot|$, so that one bad element among
a million is seen.
"""

from dataclasses import dataclass, field, replace

import numpy as np

LIMIT = 16.0
"""The one limit of the project, on the RMS score."""

PEAK_LIMIT = 64.0
"""The limit on the max-norm twin.

In 1,056 draws of correct code over all concepts (71,000 scores) it came to at most 5.9,
as the RMS score did; the largest of a million errors is a few times their RMS.
"""

CONDITIONING_DRAWS = 4
"""K, the perturbed runs that make up kappa."""

HALF = 0.5

OWN_ERROR_DRAWS = 16
"""Neighbouring inputs at which the reference's own rounding is measured: the error of a
single number is small by luck too often to be taken at one place."""

ROUNDING_ONLY = 1e-4
"""A float64 difference below this part of the working precision's is rounding."""


def unit_roundoff(dtype) -> float:
    """u, half the machine epsilon: the largest relative error of one rounding."""
    return float(np.finfo(dtype).eps) / 2


def vanishing(dtype) -> "Size":
    """Numbers so small that a library may take them for 0, for speed.

    Below the smallest normal number a processor has fewer digits, and vector code often
    none. float16 is computed in float32, which has all of its small numbers.
    """
    info = np.finfo(dtype)
    small = info.smallest_subnormal if info.bits == 16 else info.smallest_normal
    return Size(float(small), float(small))


def working_precision(dtype) -> np.dtype:
    """The dtype of stage 2; of a float64 run, the one below it."""
    return np.dtype(np.float32) if np.dtype(dtype) == np.float64 else np.dtype(dtype)


@dataclass(frozen=True)
class Size:
    """How big an array is: its root mean square and its largest magnitude."""

    rms: float = 0.0
    peak: float = 0.0

    @staticmethod
    def of(x: np.ndarray) -> "Size":
        x = np.abs(np.asarray(x, np.float64)).reshape(-1)
        peak = float(x.max(initial=0.0))
        if peak == 0 or not np.isfinite(peak):
            return Size(peak, peak)
        x = x / peak  # so that no square overflows or vanishes
        return Size(peak * float(np.sqrt(x @ x / x.size)), peak)

    def __mul__(self, factor: float) -> "Size":
        return Size(self.rms * factor, self.peak * factor)

    def __or__(self, other: "Size") -> "Size":
        """The larger of both, norm by norm."""
        return Size(max(self.rms, other.rms), max(self.peak, other.peak))


def conditioning(base: np.ndarray, moved: list[np.ndarray]) -> Size:
    """kappa: how far the reference moves when nothing but rounding happens."""
    kappa = Size()
    for other in moved:
        if other.shape == base.shape:
            kappa |= Size.of(_finite_difference(other, base))
    return kappa


@dataclass(frozen=True)
class Score:
    """A difference in units of what rounding explains, in both norms."""

    rms: float = 0.0
    peak: float = 0.0

    @property
    def value(self) -> float:
        """One number to compare with `LIMIT`: the norm that comes closer to failing."""
        return max(self.rms, self.peak * (LIMIT / PEAK_LIMIT))

    @property
    def ok(self) -> bool:
        return self.value <= LIMIT


def score(difference: Size, explained: Size) -> Score:
    return Score(
        _ratio(difference.rms, explained.rms), _ratio(difference.peak, explained.peak)
    )


@dataclass
class Evidence:
    """One tensor as both sides computed it, in float64 and in a working precision.

    `own_error` is the reference's own rounding error in the working precision, once it
    has been measured at several neighbouring inputs. `carrier` is the size of a larger
    array from which the tensor was taken as a difference: an update is the difference
    of two weights, and carries their rounding.
    """

    candidate64: np.ndarray
    reference64: np.ndarray
    kappa64: Size = field(default_factory=Size)
    candidate: np.ndarray | None = None
    reference: np.ndarray | None = None
    truth: np.ndarray | None = None
    kappa: Size = field(default_factory=Size)
    own_error: Size | None = None
    carrier: Size = field(default_factory=Size)
    dtype: np.dtype = field(default_factory=lambda: np.dtype(np.float64))

    @property
    def working(self) -> np.dtype:
        """The working precision, in which `own_error` is measured."""
        return working_precision(self.dtype)


@dataclass(frozen=True)
class Judgement:
    """What follows for one tensor.

    `verdict` is "match", "imprecise" or "mismatch"; `stage` the dtype in which the
    deciding score was taken; `side` the imprecise one, "mine" or "reference".
    """

    verdict: str
    score: float
    stage: str
    reason: str = ""
    side: str | None = None
    index: tuple[int, ...] | None = None
    values: tuple = ()


def judge(e: Evidence) -> Judgement:
    """The verdict on one tensor."""
    obstacle = _obstacle(e.candidate64, e.reference64)
    if obstacle:
        return _refusal(obstacle, e.candidate64, e.reference64, "float64")
    if not np.issubdtype(e.reference64.dtype, np.floating):
        return _judge_exact(e)
    difference = Size.of(_finite_difference(e.candidate64, e.reference64))
    u = unit_roundoff(np.float64)
    floor = (_finite_size(e.reference64) | e.carrier) * u | vanishing(np.float64)
    shrunk = (e.own_error or Size()) * (u / unit_roundoff(e.working))
    first = score(difference, e.kappa64 | floor | shrunk)
    at = _worst(e.candidate64, e.reference64)
    if e.candidate is None:
        verdict = "match" if first.ok else "mismatch"
        return Judgement(verdict, first.value, "float64", **at)

    obstacle = _obstacle(e.candidate, e.reference)
    if obstacle:
        found = _refusal(obstacle, e.candidate, e.reference, e.dtype.name)
        same_kind = (e.candidate.shape, e.candidate.dtype) == (
            e.reference.shape,
            e.reference.dtype,
        )
        shrinks = difference.rms < ROUNDING_ONLY * _finite_size(e.reference64).rms
        if not (same_kind and (first.ok or shrinks)):
            return found
        # Nearly the same in float64: what overflows or cancels here is precision.
        lost = (~np.isfinite(e.candidate)).sum() >= (~np.isfinite(e.reference)).sum()
        side = "mine" if lost else "reference"
        return replace(found, verdict="imprecise", side=side)
    if not first.ok and not _without_a_digit(e):
        working = Size.of(_finite_difference(e.candidate, e.reference))
        if difference.rms >= ROUNDING_ONLY * working.rms:
            reason = "a difference that does not shrink with the precision"
            return Judgement("mismatch", first.value, "float64", reason, **at)
    mine, theirs, side = _precision(e)
    worse = mine if side == "mine" else theirs
    if worse.ok:
        if first.value >= mine.value:
            return Judgement("match", min(first.value, LIMIT), "float64", **at)
        at = _worst(e.candidate, e.reference)
        return Judgement("match", mine.value, e.dtype.name, **at)
    reason = f"{side} is less precise than rounding explains"
    at = _worst(e.candidate, e.reference)
    return Judgement("imprecise", worse.value, e.dtype.name, reason, side, **at)


def _precision(e: Evidence) -> tuple[Score, Score, str]:
    """Stage 2 both ways round, and the side that is further from the truth."""
    lost = ~(np.isfinite(e.reference) & np.isfinite(e.candidate))
    mine = Size.of(_finite_difference(e.candidate, e.truth, lost))
    theirs = Size.of(_finite_difference(e.reference, e.truth, lost))
    truth = Size.of(np.where(lost, 0, e.truth))
    floor = e.kappa | (truth | e.carrier) * unit_roundoff(e.dtype)
    floor |= vanishing(e.dtype)
    usual = theirs | (e.own_error or Size())
    score_mine, score_theirs = score(mine, usual | floor), score(theirs, mine | floor)
    side = "mine" if score_mine.value >= score_theirs.value else "reference"
    return score_mine, score_theirs, side


def _without_a_digit(e: Evidence) -> bool:
    """Whether the reference's own rounding is as large as the result."""
    own = e.own_error
    return own is not None and own.rms > HALF * _finite_size(e.truth).rms


def _obstacle(c: np.ndarray, r: np.ndarray) -> str:
    """Why two arrays cannot even be subtracted; empty if they can."""
    if c.shape != r.shape:
        return f"shape {c.shape}, expected {r.shape}"
    if c.dtype != r.dtype:
        return f"dtype {c.dtype}, expected {r.dtype}"
    if np.issubdtype(r.dtype, np.floating):
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


def _refusal(obstacle, c, r, stage) -> Judgement:
    at = _worst(c, r) if c.shape == r.shape else {}
    return Judgement("mismatch", float("inf"), stage, obstacle, **at)


def _judge_exact(e: Evidence) -> Judgement:
    """Integers, indices and booleans must be equal."""
    same = np.array_equal(e.candidate64, e.reference64)
    reason = "" if same else "integers and booleans must be equal"
    at = _worst(e.candidate64, e.reference64)
    verdict, value = ("match", 0.0) if same else ("mismatch", float("inf"))
    return Judgement(verdict, value, e.reference64.dtype.name, reason, **at)


def _finite_difference(a, b, left_out=None) -> np.ndarray:
    """a - b in float64, 0 where either is not finite."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    finite = np.isfinite(a) & np.isfinite(b)
    if left_out is not None:
        finite &= ~left_out
    if finite.all():
        return a - b
    return np.subtract(a, b, out=np.zeros(a.shape), where=finite)


def _finite_size(x: np.ndarray) -> Size:
    return Size.of(np.where(np.isfinite(x), x, 0))


def _worst(c: np.ndarray, r: np.ndarray) -> dict:
    """The index of the largest difference, and both values there."""
    if c.size == 0:
        return {}
    with np.errstate(invalid="ignore", over="ignore"):
        gap = np.abs(np.asarray(c, np.float64) - np.asarray(r, np.float64))
    same = (c == r) | (np.isnan(c) & np.isnan(r)) if c.dtype.kind == "f" else c == r
    gap = np.where(same, 0, np.where(np.isnan(gap), np.inf, gap))
    index = np.unravel_index(int(gap.argmax()), gap.shape)
    return {
        "index": tuple(map(int, index)),
        "values": (c[index].item(), r[index].item()),
    }


def _ratio(difference: float, explained: float) -> float:
    if difference == 0:
        return 0.0
    return difference / explained if explained > 0 else float("inf")
