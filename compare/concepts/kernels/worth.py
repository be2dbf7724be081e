"""What a problem can tell: what its reference depends on, and what would be seen."""

from dataclasses import replace

import numpy as np

from ...judge.draw import movement
from ...numerics.dtypes import unit_roundoff
from ...numerics.scores import LIMIT, score
from ...numerics.sizes import Size
from ...sides.trace import Feed, Trace, flatten, is_floating, named, nest

MOST = 40  # parameters that are moved one at a time
CHANGES = 4  # of an input, none of which may move anything


def worthless(reference, feed: Feed, names: list[str], trained: set[str]) -> list[str]:
    """What the reference does not depend on, in words: it makes a problem worthless."""
    base = outputs(reference.run(feed))
    rng = np.random.default_rng([feed.seed, 0x77])
    leaves = [x for _, x in flatten(feed.inputs)]
    paths = [path for path, _ in named(names, feed.inputs)]

    def unmoved(change) -> bool:
        """Whether none of several such changes moves an output."""
        return all(_unmoved(base, _tried(reference, change())) for _ in range(CHANGES))

    def with_inputs(which):
        there = [other(x, rng) if i in which else None for i, x in enumerate(leaves)]
        new = (x if y is None else y for x, y in zip(leaves, there, strict=True))
        return replace(feed, inputs=nest(feed.inputs, new))

    def with_parameter(name):
        moved = other(feed.parameters[name], rng)
        return replace(feed, parameters={**feed.parameters, name: moved})

    hollow = _hollow(base, leaves)
    changing = [i for i, x in enumerate(leaves) if other(x, rng) is not None]
    found = [paths[i] for i in changing if unmoved(lambda i=i: with_inputs({i}))]
    found += [
        f"parameter {name}"
        for name in sorted(trained)[:MOST]
        if unmoved(lambda name=name: with_parameter(name))
    ]
    notes = hollow + [f"the reference does not depend on {name}" for name in found]
    if changing and unmoved(lambda: with_inputs({*changing})):
        notes.append("the reference's output is the same whatever the inputs are")
    return notes


def _hollow(base: Trace, leaves: list) -> list[str]:
    """What there is nothing to compare in, in words."""
    notes = []
    if not any(isinstance(x, np.ndarray) for x in leaves):
        notes.append("the reference has no tensors among its inputs: nothing varies")
    for name, x in base.items():
        if not x.size:
            notes.append(f"{name} of the reference has no elements")
        elif is_floating(x) and np.isnan(x).all():
            notes.append(f"{name} of the reference is NaN everywhere")
    return notes


def excused(reference, feed: Feed, rows) -> dict[str, float]:
    """The relative difference of each tensor that passed as rounding of the working
    precision though it is far more than that of float64.
    """
    capped = [
        row.name
        for row in rows
        if row.ok and row.judgement.stage == "float64" and row.score >= LIMIT
    ]
    truth = reference.run(feed) if capped else {}
    gaps = {row.name: row.judgement.gap.rms for row in rows}
    sizes = {name: Size.of(truth[name]).rms for name in capped if name in truth}
    return {name: gaps[name] / size for name, size in sizes.items() if size}


def outputs(trace: Trace) -> Trace:
    return Trace((n, x) for n, x in trace.items() if n.startswith("output"))


def other(x, rng):
    """Other numbers of the same kind; None where there are none."""
    if not isinstance(x, np.ndarray) or x.size == 0:
        return None
    if is_floating(x):
        mixed = rng.permutation(x.reshape(-1)).reshape(x.shape)
        noise = rng.standard_normal(x.shape) if np.array_equal(mixed, x) else 0.0
        return np.asarray(mixed * rng.uniform(0.5, 1.0, x.shape) + noise)
    mixed = rng.choice(x.reshape(-1), x.shape)  # each of them is taken there
    return None if np.array_equal(mixed, x) else mixed


def _tried(reference, feed: Feed) -> Trace | None:
    try:
        return outputs(reference.run(feed))
    except (RuntimeError, ValueError, IndexError):
        return None


def _unmoved(base: Trace, moved: Trace | None) -> bool:
    """Whether no output moves by more than rounding."""
    if moved is None or not base:
        return False
    u = unit_roundoff(np.float64)
    for name, x in base.items():
        y = moved[name]
        if x.shape != y.shape or not is_floating(x):
            if not np.array_equal(x, y):
                return False
        elif not score(Size.of(y - x), Size.of(x) * u).ok:
            return False
    return True


def smallest_visible(reference, feed: Feed, roundoff: float, run=None) -> float | None:
    """The relative error that would be seen in every tensor: 16 max(RMS(r - t), kappa,
    u RMS(t)) / RMS(t), of the tensor where it is largest.

    `run` is the reference's trace r in the working precision.
    """
    truth = reference.run(feed)
    moved = movement(reference, feed, roundoff)
    largest = None
    for name, t in truth.items():
        size = Size.of(t).rms if is_floating(t) else 0.0
        if not size or not np.isfinite(size):
            continue
        explained = max(moved.get(name, Size()).rms, roundoff * size)
        if run is not None and name in run and np.isfinite(run[name]).all():
            explained = max(explained, Size.of(run[name] - t).rms)
        largest = max(largest or 0.0, LIMIT * explained / size)
    return largest
