"""Pooling: where windows lie, which of equal numbers wins, and what a mean divides by.

Integers that every window's size divides, so that all is exact in any order.
"""

import numpy as np
import pytest
import torch

from each import each
from twofold import scratch, torch_ref

NAN = np.nan
DIVISIBLE = 27720  # by all numbers up to 12


def both(name, x, **options):
    """Output, indices or None, and gradient of the input, on either side."""
    y, back = getattr(scratch.nn, name)(**options)(x)
    several = isinstance(y, tuple)
    values, indices = y if several else (y, None)
    dy = DIVISIBLE * np.arange(1.0, values.size + 1).reshape(values.shape)
    mine = values, indices, back(dy, None) if several else back(dy)

    t = torch.from_numpy(x).requires_grad_()
    y = getattr(torch_ref.nn, name)(**options)(t)
    values, indices = y if several else (y, None)
    values.backward(torch.from_numpy(dy))
    indices = indices.numpy() if several else None
    return mine, (values.detach().numpy(), indices, t.grad.numpy())


def assert_same(name, x, **options):
    mine, theirs = both(name, x, **options)
    for a, b in zip(mine, theirs, strict=True):
        np.testing.assert_array_equal(a, b, strict=True)
    return mine


@pytest.mark.parametrize(
    ("row", "winner"),
    [
        ([2, 2, 2], 0),  # of equal numbers the first
        ([1, 2, 2], 1),
        ([0, NAN, 3], 1),  # NaN is larger than any number
        ([NAN, 5, NAN], 2),  # of several the last
        ([NAN, NAN, 5], 1),
        ([-np.inf, -np.inf, -np.inf], 0),
        ([np.inf, NAN, np.inf], 1),
    ],
)
@pytest.mark.parametrize(
    ("name", "options"),
    [("MaxPool1d", {"kernel_size": 3}), ("AdaptiveMaxPool1d", {"output_size": 1})],
)
def test_which_of_equal_numbers_and_which_nan_is_chosen(name, options, row, winner):
    """Else: ties send their gradient elsewhere, or a NaN goes unseen."""
    x = np.array([[row]], float)
    _, indices, dx = assert_same(name, x, return_indices=True, **options)
    assert indices.tolist() == [[[winner]]]
    assert dx[0, 0].nonzero()[0].tolist() == [winner]


def test_indices_count_through_the_image_without_its_padding():
    """Else: unpooling with these indices puts numbers into other places."""
    x = np.zeros((1, 1, 3, 4))
    x[0, 0, 0, 0] = x[0, 0, 2, 3] = 1
    _, indices, _ = assert_same(
        "MaxPool2d", x, kernel_size=2, padding=1, return_indices=True
    )
    assert indices[0, 0].tolist() == [[0, 1, 3], [4, 5, 11]]


@each("length", range(3, 9))
@each("stride", [1, 2, 3, 4])
@each("padding", [0, 1])
@each("name", ["MaxPool1d", "AvgPool1d"])
def test_ceil_mode_takes_no_window_that_begins_in_the_padding_behind(
    name, padding, stride, length
):
    """Else: an output of nothing but padding stands at the end."""
    x = np.arange(length, dtype=float).reshape(1, 1, -1) - 3
    options = {"kernel_size": 2, "stride": stride, "padding": padding}
    y, _, _ = assert_same(name, x, ceil_mode=True, **options)
    assert np.isfinite(y).all()


@pytest.mark.parametrize("include", [True, False])
def test_what_a_mean_divides_by_at_the_border(include):
    """Else: padding counts where it should not, or what is beyond it counts too."""
    x = np.full((1, 1, 5), 12.0)
    y, _, _ = assert_same(
        "AvgPool1d",
        x,
        kernel_size=3,
        stride=3,
        padding=1,
        ceil_mode=True,
        count_include_pad=include,
    )
    # The windows hold pad 12 12 and 12 12 12.
    assert y.tolist() == [[[8.0 if include else 12.0, 12.0]]]


@pytest.mark.parametrize("include", [True, False])
@pytest.mark.parametrize("divisor", [1, 3, -2])
def test_divisor_override_leaves_padding_out_of_account(divisor, include):
    """Else: the border is divided by something else than the middle."""
    x = np.full((1, 1, 4, 4), 6.0)
    options = {"count_include_pad": include, "divisor_override": divisor}
    y, _, _ = assert_same("AvgPool2d", x, kernel_size=2, padding=1, **options)
    assert y[0, 0, 0].tolist() == [6 / divisor, 12 / divisor, 6 / divisor]


@each("wanted", range(1, 13))
@each("length", [1, 2, 6, 7, 12])
@each("kind", ["Avg", "Max"])
def test_adaptive_windows_lie_where_pytorch_has_them(kind, length, wanted):
    """Else: sizes that do not divide each other, or more windows than numbers."""
    x = np.random.default_rng(length).permutation(length).astype(float)
    x *= DIVISIBLE
    options = {"return_indices": True} if kind == "Max" else {}
    y, _, _ = assert_same(
        f"Adaptive{kind}Pool1d", x.reshape(1, 1, -1), output_size=wanted, **options
    )
    assert y.shape == (1, 1, wanted)


@pytest.mark.parametrize("size", [(None, 2), (3, None), (None, None), [2, 4], 5])
@pytest.mark.parametrize("kind", ["Avg", "Max"])
def test_an_adaptive_size_of_none_is_that_of_the_input(kind, size):
    """Else: a dimension that is to stay is pooled."""
    x = 1.0 * DIVISIBLE * np.random.default_rng(0).permutation(42).reshape(1, 1, 6, 7)
    y, _, _ = assert_same(f"Adaptive{kind}Pool2d", x, output_size=size)
    pair = size if isinstance(size, tuple | list) else (size, size)
    assert y.shape[2:] == tuple(n or m for n, m in zip(pair, (6, 7), strict=True))


@pytest.mark.parametrize("name", ["AdaptiveAvgPool2d", "AdaptiveMaxPool2d"])
def test_no_window_at_all(name):
    """Else: a size of 0 raises, which PyTorch does on the way back only."""
    x = np.ones((2, 3, 4, 5))
    y, back = getattr(scratch.nn, name)((0, 2))(x)
    assert y.shape == (2, 3, 0, 2)
    assert np.array_equal(back(y), np.zeros_like(x))


def test_an_infinite_number_stays_within_its_windows():
    """Else: a mean as a product with a matrix of zeros makes NaN of its neighbours."""
    x = np.ones((1, 1, 6))
    x[0, 0, 0] = np.inf
    y, _, _ = assert_same("AdaptiveAvgPool1d", x, output_size=4)
    assert y.tolist() == [[[np.inf, 1, 1, 1]]]


def test_channels_may_be_none_only_where_pytorch_lets_them():
    """Else: an empty slice of channels raises on one side."""
    x = np.zeros((2, 0, 4, 4), np.float32)
    assert scratch.nn.AdaptiveAvgPool2d(2)(x)[0].shape == (2, 0, 2, 2)
    for pool in scratch.nn.AvgPool2d(2), scratch.nn.AdaptiveMaxPool2d(2):
        with pytest.raises(RuntimeError, match="input"):
            pool(x)


# Many small windows are searched at once, wide ones along one dimension after the
# other, and a few of them one by one.
WIDE = [
    ("MaxPool2d", {"kernel_size": 9}),
    ("MaxPool3d", {"kernel_size": 9}),
    ("MaxPool2d", {"kernel_size": 5, "stride": 9, "padding": 2, "dilation": 2}),
    ("MaxPool2d", {"kernel_size": 5, "stride": 1, "padding": 2}),
    ("MaxPool3d", {"kernel_size": 5, "stride": 1}),
    *(
        (f"AdaptiveMaxPool{d}d", {"output_size": size})
        for d in (2, 3)
        for size in (1, 2, 4)
    ),
]


@each("channels", [1, 40])
@each("numbers", [(0.0, 1.0), (NAN, 1.0), (NAN, NAN, 0.0, np.inf)])
@each(("name", "options"), WIDE)
def test_ties_are_settled_alike_in_wide_windows(name, options, numbers, channels):
    """Else: the first along one dimension wins, not the first of the whole window."""
    rng = np.random.default_rng(0)
    for _ in range(3):
        shape = 1, channels, *[9] * int(name[-2])
        x = rng.choice(numbers, shape, p=_often(numbers))
        assert_same(name, x, return_indices=True, **options)


def test_a_window_may_step_over_all_there_is():
    """Else: the largest of no numbers raises."""
    y, _ = scratch.nn.MaxPool1d(2, padding=1, dilation=3)(np.ones((1, 1, 2)))
    assert y.tolist() == [[[-np.inf]]]


def _often(numbers):
    """Mostly the last one, so that the others are found here and there."""
    rare = 0.03
    return [rare] * (len(numbers) - 1) + [1 - rare * (len(numbers) - 1)]
