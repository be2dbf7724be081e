"""Places next to given numbers: along a ray, off every kink, or pinned to the kinks.

A function of numbers may have a kink, a tie or a jump at the very numbers that it is
given. What it does there is its convention; how far rounding moves it is seen next to
them.
"""

import numpy as np

from .sizes import parts

SHORT = np.uint64(2**40 - 1)
"""The bits of a float64 that are 0 in numbers of at most 12 binary digits."""


def stepped(x: np.ndarray, step: float, rng: np.random.Generator) -> tuple:
    """x (1 + h s) at h = step and twice as far, with random s, of either sign and of
    size 0.5 to 1.5.

    Equal sizes would not do: sums of whole numbers with factors of 1 + step and 1 -
    step cancel exactly, and what stood on a kink stays on it. Zeros stay.
    """
    numbers = parts(x)
    s = np.asarray(2 * rng.random(numbers.shape, np.float32) - 1)
    s += np.copysign(np.float32(0.5), s)
    near = np.array(s, np.float64)
    near *= step
    far = np.array(2 * near)
    for end in (near, far):  # in place: these are the largest arrays of a check
        end += 1
        end *= numbers
    return _joined(near, x), _joined(far, x)


def nudged(
    x: np.ndarray, step: float, rng: np.random.Generator, zeros: bool
) -> np.ndarray:
    """x + step |x| s with random s of size 1 to 2: off whatever kink x stands on.

    With `zeros`, a zero moves by what a number of median size would.
    """
    numbers = parts(x)
    s = rng.choice((-1.0, 1.0), numbers.shape) * rng.uniform(1, 2, numbers.shape)
    size = np.array(np.abs(numbers), np.float64)
    if zeros:
        some = size[np.isfinite(size) & (size > 0)]
        size[size == 0] = np.median(some) if some.size else 1.0
    size[~np.isfinite(size)] = 0
    return _joined(numbers + step * size * s, x)


def pinned(x: np.ndarray, step: float, seed: int) -> np.ndarray:
    """Like `nudged`, but short numbers stay, 0 among them, and equal ones move alike.

    A kink that is hit exactly, or by a tie, stays hit; one that was hit by rounding
    does not. A number moves by a factor that is a hash of its magnitude.
    """
    numbers = parts(x)
    size = np.array(np.abs(numbers), np.float64)
    bits = size.view(np.uint64)
    with np.errstate(over="ignore"):
        mixed = bits * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(29))) + np.uint64(seed % 2**32)
        mixed = mixed * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(32))) * np.uint64(0x94D049BB133111EB)
    unit = (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53
    s = np.where(unit < 0.5, -1 - 2 * unit, 2 * unit)
    long = ((bits & SHORT) != 0) & np.isfinite(size)
    return _joined(np.where(long, numbers * (1 + step * s), numbers), x)


def _joined(numbers: np.ndarray, x: np.ndarray) -> np.ndarray:
    """These numbers in the dtype of x, complex if x is."""
    if x.dtype.kind == "c":
        wide = np.ascontiguousarray(numbers, x.real.dtype)
        return wide.view(x.dtype).reshape(x.shape)
    return np.asarray(numbers).astype(x.dtype, copy=False)
