"""Inputs at which verdicts go wrong: kinks, ties, fills, outliers, extreme scales."""

from collections.abc import Callable

import numpy as np

HUGE = 1000  # rows of a large batch; one in some hundred draws is 20 times that


def shape(rng: np.random.Generator) -> tuple[int, int]:
    return int(rng.integers(2, 9)), int(rng.integers(2, 12))


def normal(rng):
    return rng.standard_normal(shape(rng))


def some(rng, x, value, share=0.3):
    """x with `value` in about so many of its places, in one at least."""
    mask = rng.random(x.shape) < share
    mask.flat[rng.integers(x.size)] = True
    return np.where(mask, value, x)


def kinks(rng):
    """Where piecewise functions have their corners."""
    return some(rng, normal(rng), rng.choice([-3, -1, -0.5, 0, 0.5, 1, 3, 6.0]), 0.2)


def one_kink(rng):
    x = normal(rng)
    x.flat[rng.integers(x.size)] = rng.choice([-3, -1, -0.5, 0, 0.5, 1, 3, 6.0])
    return x


def ties(rng):
    x = normal(rng)
    return rng.choice(x.reshape(-1)[:3], x.shape)


def whole(rng):
    return np.round(3 * normal(rng))


def halves(rng):
    return np.floor(3 * normal(rng)) + 0.5


def constant_rows(rng):
    x = normal(rng)
    return np.repeat(x[:, :1], x.shape[1], axis=1)


def constant(rng):
    return np.full(shape(rng), rng.choice([-2.5, 0.1, 1.0, 7.0]))


def zeros(rng):
    return np.zeros(shape(rng))


def some_zeros(rng):
    return some(rng, normal(rng), 0.0)


def minus_zeros(rng):
    return some(rng, some(rng, normal(rng), -0.0), 0.0, 0.2)


def fill(value):
    def filled(rng):
        x = some(rng, normal(rng), value)
        x[:, 0] = rng.standard_normal(len(x))  # something is left in every row
        return x

    return filled


def outlier(rng):
    x = normal(rng)
    x.flat[rng.integers(x.size)] = rng.choice([-1e6, 1e6])
    return x


def mixed(rng):
    x = normal(rng)
    return x * 10.0 ** rng.integers(-6, 6, x.shape)


def mixed_rows(rng):
    x = normal(rng)
    return x * 10.0 ** rng.integers(-8, 8, (len(x), 1))


def scale(factor):
    return lambda rng: factor * normal(rng)


def offset(rng):
    return normal(rng) + rng.choice([-1000, 100, 1000])


def one_element(rng):
    return rng.standard_normal((1, 1)) * rng.choice([1e-3, 1, 30])


def one_row(rng):
    return rng.standard_normal((1, int(rng.integers(2, 40))))


def one_column(rng):
    return rng.standard_normal((int(rng.integers(2, 40)), 1))


def empty(rng):
    return np.zeros((0, int(rng.integers(1, 5))))


def huge_batch(rng):
    rows = HUGE * (20 if rng.random() < 0.1 else 1)
    return rng.standard_normal((rows, int(rng.integers(2, 5))))


def ordered(rng):
    x = np.sort(normal(rng), axis=1)
    return x if rng.random() < 0.5 else np.ascontiguousarray(x[:, ::-1])


def duplicated_rows(rng):
    x = normal(rng)
    return x[rng.integers(0, len(x), len(x) + 2)]


def alternating(rng):
    """Sums that nearly cancel."""
    x = np.abs(normal(rng)) + 1
    return x * (-1.0) ** np.arange(x.shape[1])


def cancelling(rng):
    """Sums that cancel exactly."""
    x = normal(rng)
    return np.concatenate([x, -x], axis=1)


def nearly_equal_rows(rng):
    x = normal(rng)
    return x[:1] + 1e-5 * x


def denormal(rng):
    """Below the smallest normal number of float32."""
    return 1e-40 * normal(rng)


def saturating(rng):
    """Where sigmoids and exponentials are at their ends."""
    return normal(rng) * 10 + rng.choice([-25, 25])


KINDS: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "normal": normal,
    "kinks": kinks,
    "one kink": one_kink,
    "ties": ties,
    "whole numbers": whole,
    "halves": halves,
    "constant rows": constant_rows,
    "constant": constant,
    "zeros": zeros,
    "some zeros": some_zeros,
    "minus zeros": minus_zeros,
    "fill -1e9": fill(-1e9),
    "fill -1e38": fill(-1e38),
    "fill -inf": fill(-np.inf),
    "outlier 1e6": outlier,
    "mixed scales": mixed,
    "mixed rows": mixed_rows,
    "scale 1e-20": scale(1e-20),
    "scale 1e-6": scale(1e-6),
    "scale 100": scale(100.0),
    "scale 1e6": scale(1e6),
    "scale 1e15": scale(1e15),
    "offset": offset,
    "one element": one_element,
    "one row": one_row,
    "one column": one_column,
    "empty": empty,
    "huge batch": huge_batch,
    "sorted": ordered,
    "duplicated rows": duplicated_rows,
    "alternating signs": alternating,
    "cancelling": cancelling,
    "nearly equal rows": nearly_equal_rows,
    "denormal": denormal,
    "saturating": saturating,
}
