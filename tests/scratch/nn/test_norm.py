"""Norms: what batch norm remembers, what it refuses, and what is left of one number."""

import numpy as np
import pytest
import torch

import twofold
from twofold import scratch, torch_ref

X = np.array([[1.0, -2.0], [3.0, 4.0], [8.0, 1.0]], np.float32)


def pair(name, *args, **options):
    return [getattr(tree.nn, name)(*args, **options) for tree in (scratch, torch_ref)]


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("BatchNorm1d", (1, 3)),
        ("BatchNorm1d", (1, 3, 1)),
        ("BatchNorm2d", (1, 3, 1, 1)),
        ("BatchNorm3d", (1, 3, 1, 1, 1)),
    ],
)
def test_one_value_for_each_channel_is_refused_in_training_only(name, shape):
    """Else: a last batch of one normalises everything to 0, or evaluation fails."""
    x = np.ones(shape, np.float32)
    mine, theirs = pair(name, 3)
    for norm, own in (mine, x), (theirs, torch.from_numpy(x)):
        with pytest.raises(ValueError, match="more than 1 value per channel"):
            norm(own)
    y, _ = mine.eval()(x)
    np.testing.assert_array_equal(y, theirs.eval()(torch.from_numpy(x)).detach())


def test_two_values_are_enough_and_the_running_variance_is_unbiased():
    """Else: the variance remembered is half of what it is for a batch of two."""
    norm = scratch.nn.BatchNorm1d(1, momentum=1.0)
    norm(np.array([[1.0], [5.0]], np.float32))
    assert norm.running_mean.tolist() == [3]
    assert norm.running_var.tolist() == [8]  # (4 + 4) / (2 - 1)


def test_without_momentum_the_statistics_are_the_mean_of_all_batches():
    """Else: the first batch counts more, or the initial 0 and 1 count at all."""
    norm = scratch.nn.BatchNorm1d(1, momentum=None)
    for mean in 2.0, 4.0, 9.0:
        norm(np.array([[mean - 1], [mean + 1]], np.float32))
    assert norm.running_mean.tolist() == [np.float32(5)]
    assert norm.running_var.tolist() == [2]
    assert norm.num_batches_tracked == 3


def test_evaluating_moves_no_statistics():
    """Else: the validation data train the network."""
    norm = scratch.nn.BatchNorm1d(2)
    norm(X)
    before = {name: array.copy() for name, array in norm.state_dict().items()}
    norm.eval()(100 * X)
    for name, array in norm.state_dict().items():
        np.testing.assert_array_equal(array, before[name], strict=True)


def test_what_is_remembered_is_in_the_state_dict_under_pytorchs_names():
    """Else: a checkpoint loses the statistics, or does not load on the other side."""
    for options in {}, {"affine": False}, {"track_running_stats": False}:
        mine, theirs = pair("BatchNorm2d", 3, **options)
        own = mine.state_dict()
        assert list(own) == list(theirs.state_dict())
        for name, tensor in theirs.state_dict().items():
            np.testing.assert_array_equal(own[name], tensor.numpy(), strict=True)
    mine, theirs = pair("BatchNorm1d", 2)
    theirs(torch.from_numpy(X))
    mine.load_state_dict({k: v.numpy() for k, v in theirs.state_dict().items()})
    assert mine.num_batches_tracked == 1
    np.testing.assert_array_equal(mine.running_mean, theirs.running_mean.numpy())


def test_statistics_can_be_forgotten():
    """Else: a network that is trained anew starts from old statistics."""
    norm = scratch.nn.BatchNorm1d(2)
    norm(X)
    norm.reset_running_stats()
    assert norm.running_mean.tolist() == [0, 0]
    assert norm.running_var.tolist() == [1, 1]
    assert norm.num_batches_tracked == 0


@pytest.mark.parametrize("own", [np.float16, np.float32])
def test_half_precision_goes_with_statistics_of_either_precision(own):
    """Else: mixed precision training fails, or changes the dtype of what follows."""
    norm = scratch.nn.BatchNorm1d(2, dtype=own)
    y, back = norm(X.astype(np.float16))
    assert y.dtype == back(y).dtype == np.float16
    assert norm.running_mean.dtype == norm.weight.grad.dtype == own


def test_layer_norm_of_one_feature_is_its_bias():
    """Else: rounding is taken for a signal. PyTorch gives the weight a gradient."""
    norm = scratch.nn.LayerNorm(1)
    norm.bias.data[...] = 0.5
    y, back = norm(np.array([[3.3], [-1e6]], np.float32))
    assert y.tolist() == [[0.5], [0.5]]
    assert back(np.ones_like(y)).tolist() == [[0], [0]]
    assert norm.weight.grad.tolist() == [0]


def test_a_large_offset_costs_no_precision():
    """Else: the variance is a difference of large squares."""
    x = np.random.default_rng(0).standard_normal((8, 32)) + 1e4
    for name, args in ("LayerNorm", (32,)), ("GroupNorm", (4, 32)):
        twofold.assert_match(*pair(name, *args), x)


def test_an_overflow_comes_out_as_nan():
    """Else: a row of numbers too large to square looks like a row of zeros."""
    x = np.array([[1e30, 2e30, -1e30]], np.float32)
    for norm, dy in (scratch.nn.LayerNorm(3), x), (scratch.nn.GroupNorm(1, 3), x):
        with np.errstate(all="ignore"):
            y, _ = norm(dy)
        assert np.isnan(y).all()


def test_instance_norm_needs_two_positions_and_not_two_samples():
    """Else: images of one pixel become their bias, or a batch of one is refused."""
    for shape in (4, 3, 1), (3, 1):
        x = np.ones(shape, np.float32)
        mine, theirs = pair("InstanceNorm1d", 3)
        for norm, own in (mine, x), (theirs, torch.from_numpy(x)):
            with pytest.raises(ValueError, match="more than 1"):
                norm.eval()(own)  # there are no statistics but those of the input
    y, _ = scratch.nn.InstanceNorm1d(1, eps=0.0)(np.array([[[1.0, 5.0]]], np.float32))
    assert y.tolist() == [[[-1, 1]]]


def test_instance_norm_remembers_the_mean_of_its_samples():
    """Else: the statistics are those of the batch, or of one sample alone."""
    norm = scratch.nn.InstanceNorm1d(1, momentum=1.0, track_running_stats=True)
    norm(np.array([[[1.0, 5.0]], [[6.0, 8.0]]], np.float32))
    assert norm.running_mean.tolist() == [5]  # of 3 and 7
    assert norm.running_var.tolist() == [5]  # of 8 and 2, each divided by 2 - 1
    assert norm.num_batches_tracked == 0  # which PyTorch does not count here


def test_instance_norm_without_momentum_remembers_nothing():
    """Else: the mean of all batches is kept, which PyTorch does in batch norm only."""
    mine, theirs = pair("InstanceNorm1d", 2, momentum=None, track_running_stats=True)
    x = np.arange(12, dtype=np.float32).reshape(2, 2, 3)
    mine(x)
    theirs(torch.from_numpy(x))
    for name, tensor in theirs.state_dict().items():
        np.testing.assert_array_equal(mine.state_dict()[name], tensor.numpy())


def test_instance_norm_warns_of_channels_that_do_not_matter():
    """Else: a wrong `num_features` is refused where it changes nothing, or passes."""
    x = np.arange(24, dtype=np.float32).reshape(2, 4, 3)
    for norm, own in zip(pair("InstanceNorm1d", 3), (x, torch.from_numpy(x)), strict=1):
        with pytest.warns(UserWarning, match="num_features"):
            norm(own)
    tracking = pair("InstanceNorm1d", 3, track_running_stats=True)
    for norm, own in zip(tracking, (x, torch.from_numpy(x)), strict=True):
        with pytest.warns(UserWarning), pytest.raises(RuntimeError):
            norm(own)


def test_instance_norm_of_no_sample_goes_both_ways():
    """Else: an empty batch breaks it, as it breaks PyTorch's way back."""
    norm = scratch.nn.InstanceNorm2d(3, affine=True)
    y, back = norm(np.ones((0, 3, 2, 2), np.float32))
    assert back(y).shape == (0, 3, 2, 2)
    assert norm.weight.grad.tolist() == norm.bias.grad.tolist() == [0, 0, 0]


def test_a_response_norm_of_one_channel_width_sees_that_channel_only():
    """Else: its window is one too wide, or lies one channel off."""
    x = np.array([1.0, 2.0, 4.0], np.float32).reshape(1, 3, 1)
    options = {"alpha": 1.0, "beta": 1.0, "k": 0.0}
    y, _ = scratch.nn.LocalResponseNorm(1, **options)(x)
    assert y.ravel().tolist() == [1, 0.5, 0.25]
    y, _ = scratch.nn.LocalResponseNorm(2, **options)(x)  # the one before, and itself
    assert y.ravel().tolist() == [2, np.float32(0.8), np.float32(0.4)]
