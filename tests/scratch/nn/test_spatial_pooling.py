"""Pooling by a norm, at drawn places, and undone: conventions and who draws what."""

import numpy as np
import pytest
import torch

from twofold import scratch, torch_ref

X = np.random.default_rng(0).standard_normal((3, 2, 9, 8)).astype(np.float32)


def both(name, x, *args, indices=None, **options):
    """Output and gradient of the input, on either side, in the dtype of x."""
    more = () if indices is None else (indices,)
    y, back = getattr(scratch.nn, name)(*args, **options)(x, *more)
    dy = np.arange(1.0, y.size + 1).reshape(y.shape).astype(y.dtype)
    dx = back(dy)
    t = torch.from_numpy(x).requires_grad_()
    theirs = getattr(torch_ref.nn, name)(*args, **options)(
        t, *map(torch.from_numpy, more)
    )
    theirs.backward(torch.from_numpy(dy))
    dx = dx[0] if isinstance(dx, tuple) else dx
    return (y, dx), (theirs.detach().numpy(), t.grad.numpy())


def assert_same(*args, **options):
    mine, theirs = both(*args, **options)
    for a, b in zip(mine, theirs, strict=True):
        np.testing.assert_array_equal(a, b, strict=True)
    return mine


@pytest.mark.parametrize("p", [2, 4, 1.5, 3])
def test_a_sum_of_zeros_stops_the_gradient(p):
    """Else: the infinite slope of a root at 0 makes NaN of a dead unit."""
    _, dx = assert_same("LPPool1d", np.zeros((1, 1, 4)), p, 2)
    assert dx.tolist() == [[[0, 0, 0, 0]]]


def test_a_window_cut_off_counts_as_a_whole_one():
    """Else: the last number of `ceil_mode` is another than PyTorch's."""
    y, _ = both("LPPool1d", np.ones((1, 1, 7)), 1, 4, 3, ceil_mode=True)[0]
    assert y.tolist() == [[[4, 4]]]
    y, _ = both("LPPool1d", np.ones((1, 1, 6)), 1, 4, 4, ceil_mode=True)[0]
    assert y.tolist() == [[[4, 4]]]


def test_no_absolute_value_is_taken():
    """Else: an odd norm of negative numbers is one of their sizes, or a number at all
    where PyTorch has NaN.
    """
    x = np.array([[[3.0, -1.0, -4.0, 1.0]]])
    y, _ = assert_same("LPPool1d", x, 1, 2)
    assert y.tolist() == [[[2, -3]]]
    y, _ = both("LPPool1d", x, 3, 2)[0]
    assert np.isnan(y).tolist() == [[[False, True]]]


@pytest.mark.parametrize(("p", "chosen"), [(np.inf, 4.0), (-np.inf, 1.0)])
def test_an_infinite_norm_is_the_largest_or_smallest_size(p, chosen):
    """Else: the limit overflows instead of being taken."""
    y, dx = assert_same("LPPool1d", np.array([[[1.0, 2.0, -4.0]]]), p, 3)
    assert y.tolist() == [[[chosen]]]
    assert dx.tolist() == [[[0, 0, -1] if p > 0 else [1, 0, 0]]]


@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_unpooling_undoes_pooling(dimensions):
    """Else: numbers come back elsewhere than where the pool found them."""
    x = np.zeros((2, 3, *[6] * dimensions))
    at = np.random.default_rng(0).permutation(3**dimensions)
    windows = x.reshape(2, 3, *[3, 2] * dimensions)
    windows[(..., *[slice(None), 1] * dimensions)] = 1.0 + at.reshape([3] * dimensions)
    pool = getattr(scratch.nn, f"MaxPool{dimensions}d")(2, return_indices=True)
    unpool = getattr(scratch.nn, f"MaxUnpool{dimensions}d")(2)
    (largest, indices), _ = pool(x)
    assert np.array_equal(unpool(largest, indices)[0], x)


def test_of_several_numbers_for_one_place_the_last_is_set_and_all_get_the_gradient():
    """Else: overlapping windows give other results than PyTorch's."""
    x, indices = np.array([[[1.0, 2.0, 3.0]]]), np.array([[[1, 1, 0]]])
    y, dx = assert_same("MaxUnpool1d", x, 2, indices=indices)
    assert y.tolist() == [[[3, 2, 0, 0, 0, 0]]]
    assert dx.tolist() == [[[2, 2, 1]]]


def test_indices_have_no_gradient():
    """Else: integers are given one, or the way back has one answer too few."""
    x = np.ones((1, 1, 2))
    y, back = scratch.nn.MaxUnpool1d(2)(x, np.array([[[0, 3]]]))
    dx, dindices = back(y)
    assert dx.tolist() == [[[1, 1]]]
    assert dindices is None


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize(
    ("name", "x"), [("FractionalMaxPool2d", X), ("FractionalMaxPool3d", X[..., None])]
)
def test_windows_are_drawn_as_pytorch_draws_them(name, x, dtype):
    """Else: the same seed pools other windows, or leaves the stream elsewhere."""
    x = np.repeat(x, 7, axis=-1) if x.ndim == 5 else x
    x = x + np.arange(x.shape[-1], dtype=np.float32) * (x.ndim == 5)
    for seed in range(8):
        scratch.manual_seed(seed)
        torch.manual_seed(seed)
        assert_same(name, x.astype(dtype), 2, output_ratio=0.7)
        scratch_next = scratch.random.rand(1).item()
        assert scratch_next == torch.rand(1).item()


@pytest.mark.parametrize("name", ["FractionalMaxPool2d", "FractionalMaxPool3d"])
def test_given_samples_are_part_of_the_state(name):
    """Else: a checkpoint forgets where the windows lie."""
    samples = np.full((1, 2, int(name[-2])), 0.25, np.float32)
    mine = getattr(scratch.nn, name)(2, 3, _random_samples=samples)
    theirs = getattr(torch_ref.nn, name)(2, 3, _random_samples=torch.ones(1, 2, 2))
    assert list(mine.state_dict()) == list(theirs.state_dict()) == ["_random_samples"]
    assert not getattr(scratch.nn, name)(2, 3).state_dict()


def test_of_several_nan_the_last_is_chosen_in_fractional_windows_too():
    """Else: a NaN goes unseen, or another one gets the gradient."""
    x = np.full((1, 1, 4, 4), np.nan)
    pool = scratch.nn.FractionalMaxPool2d(2, 1, return_indices=True)
    (y, indices), back = pool(x)
    assert np.isnan(y).all()
    assert indices.tolist() == [[[[15]]]]
    assert back(np.ones_like(y), None).ravel().nonzero()[0].tolist() == [15]
