r"""Who is wrong? Neither side is trusted; each is held against its own forward pass.

For an upstream gradient dy and a random direction v in one input or parameter, in
float64, the directional derivative of a side's own forward pass,

$D = \langle dy,\; f(x + hv) - f(x - hv) \rangle / 2h$

(Richardson-extrapolated over h), must be what its backward pass says,
$A = \langle \mathrm{back}(dy), v \rangle$: two evaluations, whatever the size. A side
whose A contradicts its D has a wrong backward pass. If both forward passes differ and
each backward pass fits its own, the two are different functions. Whatever the
derivative is too uncertain to tell remains unsettled.
"""

from dataclasses import dataclass, replace

import numpy as np

from ..numerics.dtypes import unit_roundoff
from ..numerics.scores import LIMIT
from ..sides.trace import (
    NO_INPUT,
    Feed,
    Trace,
    flatten,
    is_floating,
    named,
    nest,
    tensor_name,
)
from .row import Row

FAR = 2.0**-8
DIRECTIONS = 3
STEPS = tuple(2.0**-k for k in range(5, 26, 3))  # h, relative to the size of x
TENSORS = 4  # of those that differ, the first so many are put before the arbiter
SHARE = 4  # a gap between two sides is settled by derivatives four times as sharp


@dataclass(frozen=True)
class Derivative:
    """What a side's backward says along one direction, and what its forward says."""

    claimed: float
    measured: float
    error: float

    @property
    def off(self) -> float:
        return abs(self.claimed - self.measured)


def settle(
    candidate, reference, feed: Feed, rows: list[Row], names
) -> tuple[str, list]:
    """The cause of what differs in `rows`, and notes that say more."""
    wrong = [row for row in rows if row.verdict == "mismatch"]
    if not wrong:
        return "precision", []
    if all(row.judgement.stage != "float64" and _obstructed(row) for row in wrong):
        return "precision", []
    gradients = [row.name for row in wrong if "grad of " in row.name]
    forward = [row.name for row in wrong if "grad of " not in row.name]
    places = gradient_places(feed, names)
    if forward:
        return _different(candidate, reference, off_kinks(feed), places)
    contradicted = {"mine" for name in gradients if name.startswith(NO_INPUT)}
    for name in gradients[:TENSORS]:
        if name in places:
            contradicted |= _contradicted(
                candidate, reference, feed, name, places[name]
            )
    if contradicted == {"mine"}:
        return "mine: backward", []
    if contradicted == {"reference"}:
        return "reference: backward", []
    if contradicted:
        return "unsettled", ["each backward pass contradicts its own forward pass"]
    return "unsettled", []


def off_kinks(feed: Feed, zeros: bool = False) -> Feed:
    """A place next to the numbers at which nothing stands on a kink, so far away that
    differences can be taken there."""
    return feed.nudged(FAR, [feed.seed, 0x6E, 99], zeros)


def gradient_places(feed: Feed, names: list[str]) -> dict[str, tuple[str, object]]:
    """Row name of a gradient -> where its tensor stands in the feed."""
    places = {}
    for i, (name, x) in enumerate(named(names, feed.inputs)):
        if is_floating(x):
            places[f"grad of {name}"] = ("input", i)
    for path in feed.parameters or {}:
        places[tensor_name("grad of", path)] = ("parameter", path)
    return places


def _contradicted(candidate, reference, feed, name, place) -> set[str]:
    """Which sides' backward passes contradict their own forward passes in a tensor
    on which the two disagree."""
    sides = ("mine", candidate), ("reference", reference)
    traces = {what: side.run(feed) for what, side in sides}
    found = {what for what, x in traces.items() if _misshapen(x, feed, name, place)}
    if found:
        return found
    if any(name in trace.unclaimed for trace in traces.values()):
        return set()  # whoever was not asked is not accused
    for k in range(DIRECTIONS):
        v = _direction(feed, place, k)
        mine = derivative(candidate, feed, name, place, v)
        theirs = derivative(reference, feed, name, place, v)
        gap = abs(mine.claimed - theirs.claimed)
        for side, d, other in ("mine", mine, theirs), ("reference", theirs, mine):
            if _is_wrong(d, other, gap):
                found.add(side)
    return found


def _is_wrong(d: Derivative, other: Derivative, gap: float) -> bool:
    """Whether a backward pass contradicts its own forward pass where the two differ."""
    if not np.isfinite(d.claimed):
        # Wrong where its own forward pass has a derivative: one that is measured
        # sharply, or that is what the other side claims.
        sharp = d.error < abs(d.measured) / SHARE
        near = max(LIMIT * d.error, abs(other.claimed) / SHARE)
        return sharp or abs(d.measured - other.claimed) <= near
    return gap > 0 and d.error < gap / SHARE and d.off > gap / SHARE


def _different(candidate, reference, feed, places) -> tuple[str, list]:
    """The forward passes differ; does each backward pass fit its own?"""
    notes = []
    for side, what in ((candidate, "mine"), (reference, "reference")):
        base = side.run(feed)
        if not feed.upstream_fits(_outputs(base)):
            continue
        claimed = [(n, p) for n, p in places.items() if n not in base.unclaimed]
        for name, place in claimed[:TENSORS]:
            if _misshapen(base, feed, name, place):
                shapes = f"{base[name].shape}, not {_tensor(feed, place).shape}"
                notes.append(f"{what}: {name} has shape {shapes}")
                continue
            d = derivative(side, feed, name, place, _direction(feed, place, 0))
            sharp = d.error < abs(d.measured) / LIMIT
            if sharp and d.off > LIMIT * d.error and d.off > abs(d.measured) / LIMIT:
                notes.append(f"{what}: backward contradicts its own forward in {name}")
    return "different functions", notes


def _misshapen(trace: Trace, feed: Feed, name: str, place) -> bool:
    """Whether a gradient does not have the shape of its tensor: nothing to measure."""
    gradient = trace.get(name)
    return gradient is not None and gradient.shape != _tensor(feed, place).shape


def derivative(side, feed: Feed, name: str, place, v: np.ndarray) -> Derivative:
    """Claimed and measured derivative of <dy, f> along v."""
    base = side.run(feed)
    gradient = base.get(name)
    claimed = 0.0 if gradient is None else inner(gradient, v)
    scale = float(np.sqrt(np.mean(np.square(np.abs(_tensor(feed, place)))))) or 1.0
    size = abs(_weighted(base, feed)) + 1e-300
    estimates, previous = [], None
    for step in STEPS:
        h = step * scale
        try:
            ends = [
                _weighted(side.run(_shifted(feed, place, sign * h * v)), feed)
                for sign in (1, -1)
            ]
        except (RuntimeError, ValueError):
            continue  # so far from x the function is not defined
        plain = (ends[0] - ends[1]) / (2 * h)
        if previous is not None:
            ratio = (previous[0] / h) ** 2  # the error of D falls with h squared
            better = (ratio * plain - previous[1]) / (ratio - 1)
            noise = unit_roundoff(np.float64) * size * LIMIT / h
            estimates.append((abs(better - plain) + noise, better))
        previous = h, plain
    finite = [e for e in estimates if np.isfinite(e).all()]
    error, measured = min(finite, default=(float("inf"), float("nan")))
    return Derivative(claimed, measured, error)


def _weighted(trace: Trace, feed: Feed) -> float:
    """<dy, outputs>, the number whose gradient a backward pass computes."""
    pairs = zip(feed.upstream, _outputs(trace), strict=True)
    return float(sum(inner(dy, y) for dy, y in pairs))


def inner(a: np.ndarray, b: np.ndarray) -> float:
    """<a, b> of real and imaginary parts, as PyTorch's gradients have it."""
    return float(np.real(np.vdot(a, b)))


def _outputs(trace: Trace) -> list[np.ndarray]:
    return [y for name, y in trace.items() if name.startswith("output")]


def _tensor(feed: Feed, place) -> np.ndarray:
    kind, key = place
    if kind == "parameter":
        return feed.parameters[key]
    return [x for _, x in flatten(feed.inputs)][key]


def _direction(feed: Feed, place, k: int) -> np.ndarray:
    rng = np.random.default_rng([feed.seed, 0x64, k])
    x = _tensor(feed, place)
    v = np.asarray(rng.standard_normal(x.shape))
    return v + 1j * rng.standard_normal(x.shape) if x.dtype.kind == "c" else v


def _shifted(feed: Feed, place, by: np.ndarray) -> Feed:
    kind, key = place
    moved = np.asarray(_tensor(feed, place) + by)
    if kind == "parameter":
        return replace(feed, parameters={**feed.parameters, key: moved})
    inputs = enumerate(x for _, x in flatten(feed.inputs))
    shifted = (moved if i == key else x for i, x in inputs)
    return replace(feed, inputs=nest(feed.inputs, shifted))


def _obstructed(row: Row) -> bool:
    """Whether the row failed before anything was subtracted: dtype, NaN, infinity."""
    return row.score == float("inf")
