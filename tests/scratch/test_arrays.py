"""Sums of many numbers, which every layer takes over its batch."""

import numpy as np
import pytest

from twofold.scratch._arrays import product_over_rows, sum_along, sum_rows, unbroadcast
from twofold.scratch.kernels.runs import add_runs
from twofold.scratch.models.standardizer import Standardizer

HEIGHTS = [0, 1, 255, 256, 257, 1000, 70_000]


def roundings(found, exact) -> float:
    """The largest error, in roundings of the largest number."""
    u = np.finfo(found.dtype).eps / 2
    return float(np.abs(found - exact).max() / np.abs(exact).max() / u)


def whole(*shape):
    """Whole numbers, whose sums are exact in any order."""
    return np.random.default_rng(0).integers(-9, 10, shape).astype(np.float64)


def tall(rows, width=3, seed=0):
    x = np.random.default_rng(seed).standard_normal((rows, width)) + 5
    return x.astype(np.float32)


@pytest.mark.parametrize("height", HEIGHTS)
@pytest.mark.parametrize("rest", [(), (1,), (3,), (2, 4), (0,)])
def test_rows_are_added_whatever_their_number_and_shape(height, rest):
    """Else: the rows left over after whole runs are lost, or empty batches fail."""
    x = whole(height, *rest)
    assert sum_rows(x).shape == rest
    assert np.array_equal(sum_rows(x), x.sum(axis=0))


@pytest.mark.parametrize("shape", [(3, 1000, 2), (1000, 3), (2, 40_000), (7,), (0, 4)])
def test_the_sum_along_any_axis(shape):
    """Else: softmax over the batch or a channel adds up the wrong numbers."""
    x = whole(*shape)
    for axis in range(-x.ndim, x.ndim):
        exact = x.sum(axis=axis, keepdims=True)
        assert np.array_equal(sum_along(x, axis), exact)


def test_a_million_rows_are_added_as_precisely_as_pairwise():
    """Else: correct code of tall tables is imprecise, by hundreds of roundings."""
    x = tall(1_000_000)
    wide = x.astype(np.float64)
    exact = wide.sum(axis=0)
    assert roundings(x.sum(axis=0), exact) > 100  # what this is for
    assert roundings(sum_rows(x), exact) < 8
    assert roundings(sum_along(x, 0)[0], exact) < 8
    assert roundings(unbroadcast(x, (3,)), exact) < 8
    assert roundings(unbroadcast(x, (1, 1))[0], exact.sum()) < 8
    assert roundings(add_runs(x, np.array([300_000, 700_000])).sum(0), exact) < 8
    assert roundings(product_over_rows(x, x), wide.T @ wide) < 16


def test_runs_are_added_apart():
    """Else: a bag takes rows of its neighbour where either is longer than a part."""
    counts = np.array([1, 300, 70_000, 5, 256, 257])
    x = whole(counts.sum(), 2)
    ends = np.cumsum(counts)
    exact = [x[e - n : e].sum(axis=0) for e, n in zip(ends, counts, strict=True)]
    assert np.array_equal(add_runs(x, counts), exact)


def test_a_table_of_a_million_rows_is_brought_to_mean_0_and_deviation_1():
    """Else: prepared data of large tables is off by hundreds of roundings."""
    x = tall(1_000_000)
    wide = x.astype(np.float64)
    fitted = Standardizer().fit(x)
    assert roundings(fitted.mean, wide.mean(axis=0)) < 8
    assert roundings(fitted.std, wide.std(axis=0)) < 8
