"""Fresh inputs in the kind of those given: what the draws of `twofold.check` are fed.

Numbers of every kind at which mistakes hide: other scales, offsets, zeros, equal and
whole numbers, other batch sizes, other orders in memory. What inputs must be by their
own kind they stay: indices, probabilities, counts, rows that sum to 1.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from .trace import flatten, is_floating, is_packed

SPREAD = 0.3
"""How far parameters are moved, as a part of their spread: gains that all start at 1
hide a wrong axis, and a bias of zeros hides that it is ignored."""


@dataclass(frozen=True)
class Recipe:
    """How the numbers of a draw are made from normal ones of the given mean and spread;
    whether the batch has another size; the order in memory; whether arrays of one
    number, which do not say what they are, get others."""

    name: str
    numbers: Callable[[np.ndarray, np.random.Generator], np.ndarray]
    layout: str = ""
    resized: bool = False
    constants: bool = True


def _as_drawn(z, rng):
    return z


def _whole(z, rng):
    """Ties, zeros and exact kinks: whole numbers and halves."""
    return np.round(2 * z) / 2


def _large(z, rng):
    return 100 * z


def _tiny(z, rng):
    return 1e-3 * z


def _mixed(z, rng):
    """Numbers of several sizes side by side, some of them 0."""
    return z * 10.0 ** rng.integers(-3, 3, z.shape) * (rng.random(z.shape) < 0.9)


def _shifted(z, rng):
    return z + 10


def _equal_rows(z, rng):
    """Every row constant."""
    return np.broadcast_to(z[..., :1], z.shape).copy() if z.ndim else z


PLAIN = (
    Recipe("fresh numbers", _as_drawn),
    Recipe("fresh numbers", _as_drawn, constants=False),
)
"""For those that take no others."""

RECIPES = (
    Recipe("fresh numbers", _as_drawn, "transposed", resized=True),
    Recipe("whole numbers and halves", _whole, "strided"),
    Recipe("a hundred times larger", _large, "reversed"),
    Recipe("sizes mixed", _mixed, "transposed"),
    Recipe("a thousandth", _tiny, "strided", resized=True),
    Recipe("around 10", _shifted, "reversed"),
    Recipe("equal rows", _equal_rows),
)
"""Of the draws after the first, in turn."""


def fresh_inputs(
    inputs: tuple, recipe: Recipe, rng: np.random.Generator, resize: bool
) -> tuple:
    """New inputs of the kind of those given."""
    batch = batch_size(inputs) if resize else None
    size = None if batch is None else int(batch + 1 + rng.integers(3))

    def fresh(x):
        if is_packed(x):  # its other items are no numbers, but where those stand
            return x._replace(data=_fresh(x.data, x.data.shape, recipe, rng))
        if isinstance(x, tuple | list | Mapping):
            items = x.values() if isinstance(x, Mapping) else x
            made = [fresh(item) for item in items]
            if isinstance(x, Mapping):
                return dict(zip(x, made, strict=True))
            return type(x)._make(made) if hasattr(x, "_make") else type(x)(made)
        if not isinstance(x, np.ndarray):
            return x
        shape = x.shape
        if size is not None:
            shape = (size, *shape[1:])
        return _fresh(x, shape, recipe, rng)

    return tuple(map(fresh, inputs))


def batch_size(inputs: tuple) -> int | None:
    """The first size that all arrays have in common; None if there is none."""
    if any(map(is_packed, inputs)):
        return None
    arrays = [x for _, x in flatten(inputs) if isinstance(x, np.ndarray)]
    sizes = {x.shape[0] for x in arrays if x.ndim}
    one = len(sizes) == 1 and all(x.ndim for x in arrays)
    return sizes.pop() if one else None


def _fresh(x: np.ndarray, shape, recipe: Recipe, rng) -> np.ndarray:
    if not x.size:
        return np.zeros(shape, x.dtype)
    if x.dtype.kind == "c":
        parts = [_fresh(p.copy(), shape, recipe, rng) for p in (x.real, x.imag)]
        return parts[0] + 1j * parts[1]
    z = rng.standard_normal(shape)
    if _says_nothing(x):
        if not recipe.constants:
            return np.full(shape, x.reshape(-1)[0])
        start = x.reshape(-1)[0] if np.isfinite(x).all() else 0.0
        return np.asarray(recipe.numbers(start + z, rng))
    if x.dtype.kind != "f" or not np.isfinite(x).all():
        # Integers, booleans, masks with infinities: some of the values that are there.
        return np.asarray(rng.choice(x.reshape(-1), shape))
    sums = x.sum(axis=-1) if x.ndim else None
    if _are_probabilities(x):
        if np.isin(x, (0, 1)).all():
            return (rng.random(shape) < x.mean()).astype(x.dtype)
        p = 1 / (1 + np.exp(-2 * z))
        rows = sums is not None and x.shape[-1] > 1 and (abs(sums - 1) < 1e-6).all()
        return p / p.sum(axis=-1, keepdims=True) if rows else p
    if np.array_equal(x, np.round(x)) and x.size > 1:
        return np.asarray(rng.choice(x.reshape(-1), shape))  # counts, classes as floats
    found = np.asarray(recipe.numbers(x.mean() + (x.std() or 1) * z, rng))
    return np.asarray(np.abs(found) + (found == 0) if (x > 0).all() else found)


def _says_nothing(x: np.ndarray) -> bool:
    """Of what kind the numbers are: all equal, as zeros are, or some that are none."""
    if x.dtype.kind != "f" or x.size < 2:
        return False
    return bool(np.isnan(x).any() or (x == x.reshape(-1)[0]).all())


def _are_probabilities(x: np.ndarray) -> bool:
    return x.size > 1 and bool((x >= 0).all() and (x <= 1).all())


def may_be_bounded(nested) -> bool:
    """Whether some array holds what a function may refuse a little further on:
    probabilities, counts, signs."""
    return any(
        _are_probabilities(x) or np.array_equal(x, np.round(x))
        for _, x in flatten(nested)
        if is_floating(x)
    )


def moved_parameters(
    parameters: dict[str, np.ndarray], buffers: set[str], rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Away from their initial values. Of buffers only those move that are no constants
    of the code: statistics, which stay positive if they are."""

    def moved(name: str, x: np.ndarray) -> np.ndarray:
        if x.dtype.kind not in "fc" or not x.size or not np.isfinite(x).all():
            return x
        z = rng.standard_normal(x.shape)
        if name in buffers and (x > 0).all():
            return np.asarray(x * np.exp(SPREAD * z))
        return np.asarray(x + SPREAD * (x.std() or 1) * z)

    return {name: moved(name, x) for name, x in parameters.items()}


def recipes(draws: int) -> Iterator[Recipe]:
    """Of the draws after the first."""
    for k in range(draws - 1):
        yield RECIPES[k % len(RECIPES)]
