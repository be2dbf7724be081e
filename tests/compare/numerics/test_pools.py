"""Who is measured together."""

import numpy as np

from twofold.compare.numerics.dtypes import precision
from twofold.compare.numerics.pools import ALL, at_rest, bands, gauge, grain


def test_a_fill_that_nothing_moves_is_left_out():
    """Else: scores that are off by a factor 2 beside a mask of -1e38 match."""
    r = np.array([1.0, 2.0, -3e38])
    ray = np.array([1e-7, 1e-7, 0])
    assert at_rest(2 * r, r, ray) is ALL  # the fill differs as well
    assert at_rest(np.array([2.0, 4.0, -3e38]), r, ray).tolist() == [True, True, False]
    assert at_rest(r, r, np.zeros(3)) is ALL  # equal all over: nothing to measure


def test_what_a_gauge_keeps_does_not_grow_with_the_runs():
    """Else: 32 runs of a tensor of 10^8 numbers need 25 GB."""
    x = np.ones(1000)
    known = gauge(x, x + 1, 1e-8 * x, step=2.0**-24)
    for _ in range(10):
        known.see("own", 2.0**-23 * x)
    kept = [v for v in vars(known).values() if isinstance(v, np.ndarray)]
    assert kept == [] and known.own[0].rms == 2.0**-23


def test_bands_reach_a_third_of_the_digits():
    """Else: what is rounding beside 1e9 hides a mistake beside 1."""
    x = np.array([-1e9, 0.0, 1.0, 0.5, 1e9, np.inf])
    found = bands(np.abs(x), precision(np.float32))
    assert [np.flatnonzero(b).tolist() for b in found] == [[0, 1, 4], [2, 3]]
    assert bands(np.ones(3), precision(np.float32)) == [ALL]


def test_the_grain_is_the_last_digit_that_is_not_0():
    """Else: what is left of larger numbers after a subtraction looks like a mistake."""
    x = np.array([1.0, 0.75, 2.0**-20 + 1, 0.0, -6.0, np.nan])
    assert grain(x, 7.0).tolist() == [1.0, 0.25, 2.0**-20, 7.0, 2.0, 7.0]
