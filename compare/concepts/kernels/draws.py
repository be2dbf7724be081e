"""Which numbers a kernel is tried with: fresh ones, in other shapes, sizes and orders.

The first draw has inputs and parameters as the reference's file makes them. The others
are fresh, with other scales and offsets, zeros, equal and whole numbers, fewer samples,
parameters moved off their initial values, and other orders in memory. Where the
reference refuses such inputs, or gives NaN, the draw is tried with fewer changes.
"""

from dataclasses import dataclass, replace

import numpy as np

from ...sides.trace import Feed, Trace, is_floating, over

ORDERS = ("c", "strided", "fortran", "offset")
KINDS = ("small", "whole", "shifted", "flat")
SCALE = {"small": 1 / 16, "whole": 4.0, "shifted": 1.0, "flat": 1.0}
SOME = 0.2  # of the elements, where a kind concerns some


@dataclass(frozen=True)
class Draw:
    """A feed in float64, and the order in memory of the candidate's arguments."""

    feed: Feed
    order: str
    words: str


def draws_of(problem, reference, count: int, as_given: bool, training: tuple):
    """`count` draws that the reference takes, the first as the file makes it.

    `training` has the modes to go through. Raises what the reference raises at the
    first one, which it has to take.
    """
    state = problem.state()
    for k in range(count):
        mode = training[k % len(training)]
        base = Feed(
            np.dtype(np.float64),
            problem.inputs(problem.seed + k),
            state,
            training=mode,
            seed=problem.seed + k,
        )
        if k == 0:
            yield Draw(_ready(reference, base), "c", "as given")
            continue
        rng = np.random.default_rng([problem.seed, k, 0x6B])
        kind = KINDS[(k - 1) % len(KINDS)]
        moved = replace(base, parameters=moved_state(state, problem, rng))
        order = "c" if as_given else ORDERS[k % len(ORDERS)]
        yield _first_taken(reference, moved, base, kind, order, as_given, rng)


def _first_taken(reference, moved, base, kind, order, as_given, rng) -> Draw:
    """The draw with the most changes that the reference takes."""
    fewer = [] if as_given else fewer_samples(moved.inputs)
    shaped = [(inputs, "fewer samples, ") for inputs in fewer] + [(moved.inputs, "")]
    for inputs, words in shaped:
        changed = tuple(over(lambda x: altered(x, kind, rng), x) for x in inputs)
        for tried, what in ((changed, kind), (inputs, "fresh")):
            feed = _taken(reference, replace(moved, inputs=tried))
            if feed is not None:
                return Draw(feed, order, f"{words}{what}, parameters moved")
    return Draw(_ready(reference, base), order, "fresh")


def _ready(reference, feed: Feed) -> Feed:
    return replace(feed, upstream=reference.upstream(feed))


def _taken(reference, feed: Feed) -> Feed | None:
    """The feed with gradients for its outputs; None if that gives no numbers."""
    try:
        feed = _ready(reference, feed)
        trace = reference.run(feed)
    except (RuntimeError, ValueError, TypeError, IndexError, AssertionError):
        return None
    return feed if finite(trace) else None


def finite(trace: Trace) -> bool:
    return all(np.isfinite(x).all() for x in trace.values() if is_floating(x))


def altered(x, kind: str, rng: np.random.Generator):
    """An input of floats, changed; any other as it is."""
    if not is_floating(x) or not x.size:
        return x
    if (x == x.flat[0]).all():  # zeros, for example, which hide that they are unused
        x = x + rng.standard_normal(x.shape)
    some = rng.random(x.shape) < SOME
    x = x * SCALE[kind]
    if kind == "whole":
        return np.where(some, np.round(x), x - x.mean())
    if kind == "shifted":
        return x - 2 * x.mean() + x.std()
    if kind == "flat":
        return np.where(some, 0.0, np.where(rng.random(x.shape) < SOME, x.flat[0], x))
    return x


def fewer_samples(inputs: tuple) -> list[tuple]:
    """The inputs with fewer of what the first one has along its first dimension: in
    all that have as many, or in the first alone.
    """
    arrays = [x for x in inputs if isinstance(x, np.ndarray) and x.ndim]
    if not arrays or arrays[0].shape[0] < 2:
        return []
    size = arrays[0].shape[0]
    kept = size - 1 if size % 2 else size // 2 + 1

    def cut(x, wanted: bool):
        there = isinstance(x, np.ndarray) and x.ndim and x.shape[0] == size
        return x[:kept].copy() if there and wanted else x

    together = tuple(cut(x, True) for x in inputs)
    alone = tuple(cut(x, x is arrays[0]) for x in inputs)
    return [together, alone]


def moved_state(state: dict, problem, rng) -> dict[str, np.ndarray]:
    """Parameters away from where they start: gains from 1, offsets from 0.

    Buffers stay, but for running averages: a mask or a table is none of them.
    """
    trained = {name for name, _ in problem.model.named_parameters()}

    def move(name, x):
        if not is_floating(x):
            return x
        if name in trained:
            spread = x.std() or 0.5
            factor = rng.uniform(0.5, 1.5, x.shape)
            return np.asarray(x * factor + 0.3 * spread * rng.standard_normal(x.shape))
        if "running_" in name:
            return np.asarray(x * rng.uniform(0.5, 1.5, x.shape) + 0.1)
        return x

    return {name: move(name, x) for name, x in state.items()}
