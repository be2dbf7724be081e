"""Windows as columns, and channels as pixels: which number goes where."""

import numpy as np
import pytest

from twofold import scratch

IMAGE = np.arange(1.0, 13.0).reshape(1, 1, 3, 4)


def test_a_column_holds_a_window_row_by_row():
    """Else: the rows of the columns do not go with a flattened kernel."""
    y, _ = scratch.nn.Unfold(2)(IMAGE)
    assert y.shape == (1, 4, 6)
    assert y[0, :, 0].tolist() == [1, 2, 5, 6]
    assert y[0, :, 4].tolist() == [6, 7, 10, 11]


def test_a_convolution_is_a_product_with_columns():
    """Else: channels and kernel are counted in another order than in a weight.

    The numbers are small integers, so every sum is exact in any order.
    """
    rng = np.random.default_rng(0)
    options = {"kernel_size": (2, 3), "stride": 2, "padding": (1, 2), "dilation": 2}
    x = rng.integers(-4, 5, (2, 3, 6, 8)).astype(float)
    conv = scratch.nn.Conv2d(3, 4, bias=False, **options)
    conv.weight.data = rng.integers(-4, 5, conv.weight.shape).astype(float)
    y, _ = conv(x)
    columns, _ = scratch.nn.Unfold(**options)(x)
    assert np.array_equal(
        conv.weight.data.reshape(4, -1) @ columns, y.reshape(2, 4, -1)
    )


def test_fold_counts_how_many_windows_see_a_pixel():
    """Else: overlapping windows replace each other, or it is taken for an inverse."""
    columns, _ = scratch.nn.Unfold(2)(np.ones_like(IMAGE))
    y, back = scratch.nn.Fold((3, 4), 2)(columns)
    assert y[0, 0].tolist() == [[1, 2, 2, 1], [2, 4, 4, 2], [1, 2, 2, 1]]
    assert np.array_equal(back(IMAGE), scratch.nn.Unfold(2)(IMAGE)[0])


def test_a_window_beside_the_image_sees_zeros():
    """Else: padding is filled with what lies at the other end."""
    y, back = scratch.nn.Unfold(1, padding=1)(IMAGE[..., :1, :1])
    assert y[0, 0].tolist() == [0, 0, 0, 0, 1, 0, 0, 0, 0]
    assert back(np.full((1, 1, 9), 2.0)).tolist() == [[[[2]]]]


def test_four_channels_become_two_by_two_pixels():
    """Else: pixels are transposed, or the channels mixed."""
    x = np.arange(8).reshape(8, 1, 1)
    y, _ = scratch.nn.PixelShuffle(2)(x)
    assert y.tolist() == [[[0, 1], [2, 3]], [[4, 5], [6, 7]]]
    assert np.array_equal(scratch.nn.PixelUnshuffle(2)(y)[0], x)


def test_channels_are_dealt_out_in_turns():
    """Else: a group of the next layer sees one group of the last one only."""
    x = np.arange(6)[None, :, None]
    y, _ = scratch.nn.ChannelShuffle(2)(x)
    assert y.ravel().tolist() == [0, 3, 1, 4, 2, 5]


@pytest.mark.parametrize("name", ["PixelShuffle", "PixelUnshuffle", "ChannelShuffle"])
def test_no_image_has_a_gradient_and_integers_have_none(name):
    """Else: an empty batch fails on its way back, or a mask gets a gradient."""
    layer = getattr(scratch.nn, name)(2)
    y, back = layer(np.zeros((0, 4, 2, 2)))
    assert back(y).shape == (0, 4, 2, 2)
    y, back = layer(np.ones((1, 4, 2, 2), bool))
    assert y.dtype == bool
    assert back(np.ones(y.shape)) is None


def test_a_size_left_out_is_what_is_left():
    """Else: -1 is taken for a size, or cannot be worked out of nothing."""
    unflatten = scratch.nn.Unflatten(1, (2, -1))
    assert unflatten(np.ones((4, 6)))[0].shape == (4, 2, 3)
    assert unflatten(np.ones((4, 0)))[0].shape == (4, 2, 0)
    _, back = unflatten(np.ones((4, 6), int))
    assert back(np.ones((4, 2, 3))) is None
