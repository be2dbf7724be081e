"""Upsampling: which numbers are read with what weights, and what goes back to them."""

import numpy as np
import pytest

from twofold import scratch
from twofold.scratch.kernels import resample
from twofold.scratch.kernels.resample import read, spread, taps

LINE = np.array([[[1.0, 2.0, 4.0]]])
F64 = np.dtype(np.float64)


def upsampled(**options):
    return scratch.nn.Upsample(**options)(LINE)[0][0, 0].tolist()


def test_what_is_read_where():
    """Else: places are counted from corners instead of centres, or the other way."""
    assert upsampled(size=6) == [1, 1, 2, 2, 4, 4]
    assert upsampled(size=2) == [1, 2]
    assert upsampled(size=2, mode="nearest-exact") == [1, 4]
    assert upsampled(size=6, mode="linear") == [1, 1.25, 1.75, 2.5, 3.5, 4]
    options = {"mode": "linear", "align_corners": True}
    assert upsampled(size=5, **options) == [1, 1.5, 2, 3, 4]
    assert upsampled(size=1, **options) == [1]


def test_the_factor_sets_the_places_unless_it_is_worked_out_again():
    """Else: 2.5 times three numbers are spread over seven places by another ratio."""
    assert upsampled(scale_factor=2.5) == [1, 1, 1, 2, 2, 4, 4]
    again = upsampled(scale_factor=2.5, recompute_scale_factor=True)
    assert again == upsampled(size=7)
    assert upsampled(scale_factor=1.2) == [1, 1, 2]
    assert upsampled(scale_factor=1.2, mode="linear") == [1, 2, 4]


def test_an_image_of_as_many_pixels_or_twice_as_many_is_copied():
    """Else: along two dimensions other pixels are copied than in PyTorch."""
    layer = scratch.nn.Upsample(scale_factor=(1.2, 2.1))
    y, _ = layer(LINE[..., None] * [1.0, 10.0])
    assert y[0, 0].tolist() == [[n, n, 10 * n, 10 * n] for n in (1, 2, 4)]


def test_nearest_goes_back_as_a_sum():
    """Else: a pixel gets the gradient of one of its copies only."""
    x = np.ones((1, 1, 2, 2))
    y, back = scratch.nn.UpsamplingNearest2d(scale_factor=2)(x)
    dy = np.arange(16.0).reshape(y.shape)
    assert back(dy)[0, 0].tolist() == [[10, 18], [42, 50]]


@pytest.mark.parametrize("block", [8, 64])
@pytest.mark.parametrize("sizes", [(40, 90), (90, 40), (1, 9), (9, 1), (30, 30)])
@pytest.mark.parametrize("mode", ["nearest", "linear", "bicubic"])
def test_the_products_are_the_weighted_sums(mode, sizes, block, monkeypatch):
    """Else: a block, or the last short one, goes to the wrong place.

    Weights are rounded to powers of two and numbers are small integers: all is exact.
    """
    monkeypatch.setattr(resample, "BLOCK", block)
    length, out = sizes
    line = taps(length, out, mode, False, None, F64)
    line = resample.Taps(length, line.index, np.round(line.weight * 16) / 16)
    rng = np.random.default_rng(0)
    x, dy = rng.integers(-4, 5, (3, length)), rng.integers(-4, 5, (3, out))
    x, dy = x.astype(float), dy.astype(float)
    M = np.zeros((out, length))
    for index, weight in zip(line.index, line.weight, strict=True):
        M[np.arange(out), index] += weight
    if not line.copies:
        assert np.array_equal(read(x, [line]), x @ M.T)
        assert np.array_equal(
            read(x.T[None], [line, taps(3, 3, "nearest", False, None, F64)])[0], M @ x.T
        )
    assert np.array_equal(spread(dy, [line]), dy @ M)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
def test_one_bad_pixel_spoils_its_neighbours_only(mode, value):
    """Else: 0 times infinity makes NaN of a whole block of the image."""
    x = np.ones((1, 1, 40, 40))
    x[0, 0, 20, 20] = value
    layer = scratch.nn.Upsample(size=(80, 80), mode=mode)
    with np.errstate(invalid="ignore"):
        y, _ = layer(x)
    good = np.isfinite(y[0, 0])
    assert 0 < (~good).sum() <= 64
    plain = layer(np.ones_like(x))[0][0, 0]
    assert np.array_equal(y[0, 0][good], plain[good])


def test_places_far_along_are_rounded_once():
    """Else: at the end of a long line the weights are off by many roundings."""
    step = 140 / 300
    exact = [(2 * o + 1) * step.as_integer_ratio()[0] for o in range(300)]
    bits = step.as_integer_ratio()[1]
    expected = [(n - bits) / (2 * bits) for n in exact]  # integers divide exactly
    o = np.arange(300.0)
    assert resample._centres(step, o)[1:].tolist() == expected[1:]
