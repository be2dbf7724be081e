"""Transposed convolution: the transpose of a convolution, its sizes, its parameters."""

import numpy as np
import pytest

import twofold
from twofold import scratch, torch_ref
from twofold.scratch import detach

OPTIONS = {
    "a stride": {"kernel_size": 3, "stride": 2, "padding": 1},
    "a dilation": {"kernel_size": 2, "dilation": 3},
    "groups": {"kernel_size": 3, "groups": 2},
    "depthwise": {"kernel_size": 3, "padding": 1, "groups": 4},
}


@pytest.mark.parametrize("dimensions", [1, 2, 3])
@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_it_is_the_transpose_of_a_convolution(dimensions, options):
    """Else: it is a convolution of another kind, with another kernel or other sizes.

    The numbers are small integers, so every sum is exact in any order.
    """
    rng = np.random.default_rng(0)
    name = f"Conv{dimensions}d"
    conv = getattr(scratch.nn, name)(4, 4, bias=False, **options)
    transposed = getattr(scratch.nn, name.replace("v", "vTranspose"))(
        4, 4, bias=False, **options
    )
    W = rng.integers(-3, 4, conv.weight.shape).astype(float)
    conv.weight.data = transposed.weight.data = W
    x = rng.integers(-3, 4, (2, 4, *(7, 5, 5)[:dimensions])).astype(float)
    y, back = conv(x)
    dy = rng.integers(-3, 4, y.shape).astype(float)
    dx, back_again = transposed(dy)
    assert dx.shape == x.shape
    assert np.array_equal(dx, back(dy))
    assert np.array_equal(back_again(x), y)
    assert np.array_equal(transposed.weight.grad, conv.weight.grad)


@pytest.mark.parametrize("size", [(13,), [14], (3, 15)])
def test_a_wanted_size_is_met(size):
    """Else: a sequence does not come back to the length that it had."""
    conv = scratch.nn.ConvTranspose1d(2, 3, 3, stride=3, padding=1)
    x = np.ones((2, 5), np.float32)
    y, back = conv(x, size)
    assert y.shape == (3, size[-1])
    assert back(y).shape == x.shape
    conv.output_padding = (size[-1] - 13,)
    assert np.array_equal(conv(x)[0], y)


@pytest.mark.parametrize("length", [12, 16])
def test_a_size_that_cannot_be_is_refused(length):
    """Else: the output is longer or shorter than asked for."""
    conv = scratch.nn.ConvTranspose1d(2, 3, 3, stride=3, padding=1)
    with pytest.raises(ValueError, match="output_size"):
        conv(np.ones((1, 2, 5), np.float32), [length])


def test_no_gradient_is_computed_for_data():
    """Else: a first layer does a third of its work for nothing."""
    conv = scratch.nn.ConvTranspose2d(1, 2, 3, 2)
    x = np.ones((2, 1, 5, 5), np.float32)
    y, back = conv(detach(x))
    assert type(y) is np.ndarray
    assert back(np.ones_like(y)) is None
    grad, conv.weight.grad = conv.weight.grad, None
    conv(x)[1](np.ones_like(y))
    assert np.array_equal(grad, conv.weight.grad)


def test_more_than_one_block_matches_pytorch():
    """Else: only images that fit into one block are right."""
    x = np.random.default_rng(0).standard_normal((3, 8, 40, 40))
    options = {"stride": 2, "padding": 1, "output_padding": 1}
    twofold.assert_match(
        scratch.nn.ConvTranspose2d(8, 4, 3, **options, bias=False),
        torch_ref.nn.ConvTranspose2d(8, 4, 3, **options, bias=False),
        x,
    )


@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_parameters_are_drawn_as_pytorch_draws_them(dimensions):
    """Else: both networks start from other weights."""
    drawn = []
    for tree in scratch, torch_ref:
        tree.manual_seed(3)
        layer = getattr(tree.nn, f"ConvTranspose{dimensions}d")(4, 6, 3, groups=2)
        drawn.append([np.asarray(p.data) for p in (layer.weight, layer.bias)])
    for mine, theirs in zip(*drawn, strict=True):
        assert np.array_equal(mine, theirs)
