"""Which numbers a kernel is tried with: fresh ones, in other shapes, sizes and orders.

The first draw has inputs and parameters as the reference's file makes them. The others
are fresh: samples of several sizes, far below zero, several sizes side by side with
zeros and ties, far above zero, and so on; parameters moved off their initial values,
other sizes where no weight has them, other orders in memory. Where the reference
refuses such inputs, or gives NaN, the draw is tried with fewer changes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ...numerics.dtypes import precision
from ...numerics.sizes import Size, finite_difference
from ...sides.trace import Feed, Trace, flatten, is_floating, over

ORDERS = ("c", "strided", "fortran", "offset")
KINDS = (
    "samples",
    "below",
    "mixed",
    "zeros",
    "above",
    "large",
    "whole",
    "small",
    "equal rows",
)
MILDER = {"below": "some below", "above": "some above"}  # where all would leave nothing
OF_SAMPLES = (100.0, 1.0, 1e-3)  # how much larger one sample after the other is
SCALE = {"large": 1e3, "whole": 4.0, "small": 1 / 16}
FAR = 10.0  # from zero, in units or, if it is more, in standard deviations
SOME = 0.2  # of the elements, where a kind concerns some


@dataclass(frozen=True)
class Draw:
    """A feed in float64, and the order in memory of the candidate's arguments."""

    feed: Feed
    order: str
    words: str


def draws_of(problem, reference, count: int, dtype: str, as_given: bool, training):
    """`count` draws that the reference takes, the first as the file makes it.

    `training` has the modes to go through. Raises what the reference raises at the
    first one, which it has to take.
    """
    state = problem.state()
    free: list[int] = []
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
            free = [] if as_given or count == 1 else free_sizes(reference, base)
            continue
        rng = np.random.default_rng([problem.seed, k, 0x6B])
        moved = replace(base, parameters=moved_state(state, problem, rng))
        if as_given:
            feed = _taken(reference, moved, dtype) or _ready(reference, base)
            yield Draw(feed, "c", "fresh, parameters moved")
            continue
        yield _first_taken(reference, moved, base, k, free, dtype, rng)


def _first_taken(reference, moved, base, k, free, dtype, rng) -> Draw:
    """The draw with the most changes that the reference takes."""
    kind, order = KINDS[(k - 1) % len(KINDS)], ORDERS[k % len(ORDERS)]
    turn = (k - 1) // len(KINDS)
    for inputs, words in reshaped(moved.inputs, free, k):
        leaves = [x for _, x in flatten(inputs) if is_floating(x)]
        first = leaves[0].shape[:1] if leaves else ()
        drawn = np.random.default_rng(int(rng.integers(2**31)))

        def changed(kind, inputs=inputs, first=first, drawn=drawn):
            each = (
                over(lambda x: altered(x, kind, drawn, first, turn), x) for x in inputs
            )
            return tuple(each)

        numbers = changed(kind)
        tries = [(numbers, kind)]
        if kind in MILDER:
            tries.append((changed(MILDER[kind]), MILDER[kind]))
        positive = tuple(map(_kept_positive, inputs, numbers))
        tries += [(positive, kind), (inputs, "fresh")]
        for tried, what in tries:
            feed = _taken(reference, replace(moved, inputs=tried), dtype)
            if feed is not None:
                return Draw(feed, order, f"{words}{what}, parameters moved")
    return Draw(_ready(reference, base), order, "fresh")


def _ready(reference, feed: Feed) -> Feed:
    return replace(feed, upstream=reference.upstream(feed))


REFUSALS = (RuntimeError, ValueError, TypeError, IndexError, AssertionError)


def _taken(reference, feed: Feed, dtype: str) -> Feed | None:
    """The feed with gradients for its outputs; None if that gives no numbers, in
    float64 or in the working precision, or there none that can be trusted.
    """
    try:
        feed = _ready(reference, feed)
        rounded = feed.cast(dtype)
        traces = reference.run(feed), reference.run(rounded)
        truth = reference.run(rounded.cast(np.float64))
    except REFUSALS:
        return None
    sound = all(map(finite, traces)) and _has_digits(traces[1], truth, dtype)
    return feed if sound else None


def _has_digits(narrow: Trace, truth: Trace, dtype: str) -> bool:
    """Whether the reference keeps half of its digits in every output: where it has
    none, nobody can be judged by it.
    """
    u = precision(dtype).roundoff
    return all(
        Size.of(finite_difference(narrow[name], x)).rms <= u**0.5 * Size.of(x).rms
        for name, x in truth.items()
        if name.startswith("output") and is_floating(x) and name in narrow
    )


def finite(trace: Trace) -> bool:
    return all(np.isfinite(x).all() for x in trace.values() if is_floating(x))


def is_bound(x) -> bool:
    """Whether numbers are what they are by their kind: classes and signs written as
    floats, masks with infinities, rows that sum to 1.
    """
    if not np.isfinite(x).all():
        return True
    if x.size < 2 or (x == x.flat[0]).all():
        return False
    if np.array_equal(x, np.round(x)):
        return True
    rows = x.ndim and x.shape[-1] > 1 and (x >= 0).all()
    return bool(rows and (abs(x.sum(axis=-1) - 1) < 1e-6).all())


def altered(x, kind: str, rng: np.random.Generator, samples: tuple, turn: int = 0):
    """An input of floats, changed; any other as it is.

    `samples` is the size of the first dimension of those inputs that hold samples. In
    later turns through the kinds, sizes and distances are others.
    """
    if not is_floating(x) or not x.size or is_bound(x):
        return x
    if (x == x.flat[0]).all():  # zeros, for example, which hide that they are unused
        x = x + rng.standard_normal(x.shape)
    if turn:
        x = x * 10.0 ** rng.uniform(-1, 1)
    some = rng.random(x.shape) < SOME
    if kind.endswith(("below", "above")):
        far = FAR * max(1.0, float(x.std())) * (1 + turn)
        by = np.full(x.shape, far if kind.endswith("above") else -far)
        if kind.startswith("some") and x.ndim:
            by[::2] = 0.0
        return x - x.mean() + by
    if kind == "samples":
        factors = np.resize(OF_SAMPLES, x.shape[0] if x.ndim else 1)
        if x.ndim and x.shape[:1] == samples and x.shape[0] > 1:
            return x * factors.reshape(-1, *(1,) * (x.ndim - 1))
        return x if x.ndim else x * OF_SAMPLES[0]
    if kind == "mixed":
        return (x - x.mean()) * 10.0 ** rng.integers(-3, 3, x.shape)
    if kind == "equal rows":
        return np.broadcast_to(x[..., :1], x.shape).copy() if x.ndim else x
    if kind == "zeros":  # and ties
        ties = rng.random(x.shape) < SOME
        return np.where(some, 0.0, np.where(ties, x.flat[0], x))
    x = x * SCALE[kind]
    return np.where(some, np.round(x), x - x.mean()) if kind == "whole" else x


def _kept_positive(before, after):
    """Numbers of one sign where those that the file makes are of one."""
    if isinstance(before, np.ndarray):
        if is_floating(before) and before.size and (before >= 0).all():
            return np.abs(after) + (after == 0) * float(before.min() > 0)
        return after
    if isinstance(before, dict):
        return {key: _kept_positive(x, after[key]) for key, x in before.items()}
    if isinstance(before, tuple | list):
        return type(before)(map(_kept_positive, before, after))
    return after


def sizes_of(inputs: tuple) -> list[int]:
    """The sizes of all arrays, that of the first one's first dimension first."""
    arrays = [x for _, x in flatten(inputs) if isinstance(x, np.ndarray)]
    return list(dict.fromkeys(n for x in arrays for n in x.shape if n > 1))


def free_sizes(reference, feed: Feed) -> list[int]:
    """The sizes that the reference takes one smaller: no weight has them."""
    found = []
    for size in sizes_of(feed.inputs):
        inputs = cut(feed.inputs, {size: size - 1})
        try:
            reference.upstream(replace(feed, inputs=inputs))
        except REFUSALS:
            continue
        found.append(size)
    return found


def reshaped(inputs: tuple, free: list[int], k: int) -> Iterator[tuple[tuple, str]]:
    """The inputs with fewer of what no weight counts: of everything, the last of them
    alone, of samples; then as they are. In turns odd and even, far and near.
    """
    odd = k % 2 == 1
    smaller = {n: fewer(n, odd) for n in free}
    ways = [(smaller, "other sizes, ")] if free and k % 3 else []
    ways += [({n: smaller[n]}, "another size, ") for n in reversed(free[1:])][:2]
    arrays = [x for x in inputs if isinstance(x, np.ndarray) and x.ndim]
    samples = arrays[0].shape[0] if arrays else 1
    if samples in free:
        kept = samples - 1 if samples % 2 else samples // 2 + 1
        ways.insert(len(ways) if k % 3 else 0, ({samples: kept}, "fewer samples, "))
    for way, words in ways:
        yield cut(inputs, way), words
    single = not arrays or samples < 2 or samples in arrays[0].shape[1:]
    if samples in free or single:
        yield inputs, ""
        return
    kept = samples - 1 if samples % 2 else samples // 2 + 1
    alone = tuple(x[:kept].copy() if x is arrays[0] else x for x in inputs)
    yield alone, "fewer samples, "
    yield inputs, ""


def fewer(size: int, odd: bool) -> int:
    """One less, or two, so that it is odd, or even: no multiple of a block's size."""
    return max(1, size - 1 if (size - 1) % 2 == odd else size - 2)


def cut(inputs: tuple, smaller: dict[int, int]) -> tuple:
    """Inputs with other sizes, wherever those stand: square ones stay square."""

    def one(x):
        if not isinstance(x, np.ndarray):
            return x
        return x[tuple(slice(smaller.get(n, n)) for n in x.shape)].copy()

    return tuple(over(one, x) for x in inputs)


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
