"""Mistakes beside kinks, ties, jumps and fills, each beside the same without it."""

from contextlib import nullcontext
from functools import partial

import numpy as np
import torch
from torch import nn

import twofold
from twofold.compare.concepts.selftest import Plant

SOURCE = "one number on a kink hid it"
MINE, OTHER, KINK = "mine: backward", "different functions", "convention"
N = 1000


def _normal(seed, *kinks, size=N):
    """Normal numbers, one of which stands on each of the kinks."""
    x = 2 * np.random.default_rng(seed).standard_normal(size)
    x[: len(kinks)] = kinks
    return x


def _pieces(function, slope, wrong):
    """`slope(x)` is right; `wrong(x, slope)` what the mistake makes of it."""

    def mine(planted, x):
        s = slope(x).astype(x.dtype)
        if planted:
            s = wrong(x, s).astype(x.dtype)
        return function(x).astype(x.dtype), lambda dy: dy * s

    return mine


def _pair(name, mine, reference, inputs, where, cause, **options):
    """`mine(planted, *inputs)` with the mistake, and without."""

    def check(planted, seed):
        own = partial(mine, planted)
        return twofold.check(own, reference, *inputs(seed), seed=seed, **options)

    return Plant(
        name,
        SOURCE,
        (),
        nullcontext,
        where,
        cause,
        check=partial(check, True),
        correct=partial(check, False),
    )


def _tenth_more(x, slope):
    return 1.1 * slope


def _slope_one_at(*kinks):
    return lambda x, slope: np.where(np.isin(x, kinks), 1.0 - slope, slope)


def _between(low, high):
    return (
        lambda x: np.clip(x, low, high),
        lambda x: ((x > low) & (x < high)) * 1.0,
    )


def _closed(low, high):
    return (
        lambda x: np.clip(x, low, high),
        lambda x: ((x >= low) & (x <= high)) * 1.0,
    )


def _shrink(x):
    return np.sign(x) * np.maximum(np.abs(x) - 0.5, 0)


_ABOVE = (lambda x: np.maximum(x, 0)), (lambda x: (x > 0) * 1.0)
_HINGE = (lambda x: np.maximum(1 - x, 0)), (lambda x: (x < 1) * -1.0)
_SHRINK = _shrink, (lambda x: (np.abs(x) > 0.5) * 1.0)
_CURVES = {
    "ReLU6": (_between(0, 6), nn.ReLU6(), (6.0,)),
    "hardtanh": (_between(-1, 1), nn.Hardtanh(), (-1.0, 1.0)),
    "clamp": (_closed(-2, 1), lambda x: x.clamp(-2, 1), (-2.0, 1.0)),
    "ReLU": (_ABOVE, nn.ReLU(), (0.0,)),
    "hinge": (_HINGE, lambda x: torch.relu(1 - x), (1.0, 1.0)),
    "soft shrinkage": (_SHRINK, nn.Softshrink(), (0.5, -0.5)),
}


def _curves():
    for name, ((function, slope), reference, kinks) in _CURVES.items():
        inputs = partial(lambda kinks, seed: (_normal(seed, *kinks),), kinks)
        for what, wrong, cause in (
            ("a tenth too steep, beside", _tenth_more, MINE),
            ("another slope on", _slope_one_at(*kinks), KINK),
        ):
            mine = _pieces(function, slope, wrong)
            told = f"{name}: {what} its kinks"
            yield _pair(told, mine, reference, inputs, "grad of", cause)


def _half_up(x):
    return np.floor(x + 0.5)


def _rounding(wrong):
    def mine(planted, x):
        return wrong(x) if planted else np.round(x)

    return mine


def _halves(seed):
    x = _normal(seed, size=50)
    x[:10] = np.arange(10) + 0.5
    return (x,)


def _quantised(planted, x):
    y = np.round(x * 8)
    return (y + planted).astype(x.dtype) / 8


def _pool(seed):
    """Whole numbers, of which several are equal in a window."""
    return (np.random.default_rng(seed).integers(0, 3, (20, 4)).astype(float),)


def _max_of_four(wrong):
    def mine(planted, x):
        y = x.max(axis=1)
        first = np.zeros_like(x)
        first[np.arange(len(x)), x.argmax(axis=1)] = 1
        share = wrong(x, first) if planted else first
        return y, lambda dy: dy[:, None] * share.astype(x.dtype)

    return mine


def _last_of_ties(x, first):
    return _max_share(x[:, ::-1])[:, ::-1]


def _max_share(x):
    return np.eye(x.shape[1])[x.argmax(axis=1)]


def _each_of_ties(x, first):
    return x == x.max(axis=1, keepdims=True)


def _next_place(x, first):
    return np.roll(first, 1, axis=1)


def _masked(planted, x):
    """Scores, filled above the diagonal; the mistake halves what is left."""
    fill = np.finfo(np.float32).min
    return np.where(np.tri(len(x), dtype=bool), x / (1 + planted), x.dtype.type(fill))


def _masked_reference(x):
    fill = torch.finfo(torch.float32).min
    return x.masked_fill(~torch.ones_like(x).tril().bool(), fill)


def _widened(planted, x):
    """In float32 the wrong dtype; and the mistake is five times the slope."""
    slope = (x > 0) * (5.0 if planted else 1.0)
    return (
        np.maximum(x, 0),
        lambda dy: (
            (dy * slope).astype(x.dtype)
            * (np.float64(1) if planted else x.dtype.type(1))
        ),
    )


def _root(planted, x):
    """The norm of each row; at a row of zeros the mistake divides 0 by 0."""
    y = np.sqrt((x * x).sum(axis=1))
    safe = y if planted else np.where(y == 0, 1, y).astype(x.dtype)
    return y, lambda dy: dy[:, None] * (x / safe[:, None])


def _rows(seed):
    x = _normal(seed, size=60).reshape(20, 3)
    x[4] = 0
    return (x,)


def _sine(planted, x):
    def back(dy):
        dx = dy * np.cos(x)
        if planted:
            dx.flat[-1] = np.nan
        return dx

    return np.sin(x), back


FORWARD = {"gradients": False}
PLANTS = [
    *_curves(),
    *(
        _pair(name, _rounding(wrong), torch.round, _halves, "output", cause, **FORWARD)
        for name, wrong, cause in (
            ("rounding: the numbers themselves", lambda x: x, OTHER),
            ("rounding: halves upwards", _half_up, KINK),
            ("rounding: halves downwards", lambda x: -_half_up(-x), KINK),
        )
    ),
    _pair(
        "fake quantisation: one level off",
        _quantised,
        lambda x: torch.round(x * 8) / 8,
        lambda seed: (_halves(seed)[0] / 8,),
        "output",
        OTHER,
        **FORWARD,
    ),
    *(
        _pair(
            f"the largest of four: {name}",
            _max_of_four(wrong),
            lambda x: x.max(dim=1).values,
            _pool,
            "grad of",
            cause,
        )
        for name, wrong, cause in (
            ("to the last of equal ones", _last_of_ties, KINK),
            ("to each of equal ones", _each_of_ties, KINK),
            ("to the wrong place", _next_place, MINE),
            ("three times", lambda x, first: 3 * first, MINE),
        )
    ),
    _pair(
        "scores halved beside a fill of finfo.min",
        _masked,
        _masked_reference,
        lambda seed: (_normal(seed, size=64).reshape(8, 8),),
        "output",
        OTHER,
        **FORWARD,
    ),
    _pair(
        "a slope of 5 behind a wrong dtype",
        _widened,
        nn.ReLU(),
        lambda seed: (_normal(seed, 0.0),),
        "grad of",
        MINE,
    ),
    _pair(
        "NaN in one place of a gradient",
        _sine,
        torch.sin,
        lambda seed: (_normal(seed),),
        "grad of",
        MINE,
    ),
    _pair(
        "NaN in the gradient of the norm of zeros",
        _root,
        lambda x: x.norm(dim=1),
        _rows,
        "grad of",
        KINK,
    ),
]
