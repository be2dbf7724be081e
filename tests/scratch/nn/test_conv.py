"""Convolution against the plain sum, its gradients' readers, and what it may skip."""

import itertools

import numpy as np
import pytest

import twofold
from twofold import scratch, torch_ref
from twofold.scratch import detach
from twofold.scratch.kernels import depthwise, unfold
from twofold.scratch.kernels.unfold import Unfolding


def plain(x, W, how: Unfolding) -> np.ndarray:
    """The sum over channels and kernel, one output after the other."""
    groups, out = how.groups, how.out(x.shape[2:], [(0, 0)] * len(how.kernel))
    each, some = W.shape[1], len(W) // groups
    y = np.zeros((len(x), len(W), *out))
    for n, o, *place in itertools.product(*map(range, y.shape)):
        first = o // some * each
        for k in itertools.product(*map(range, how.kernel)):
            at = [
                p * s + i * d
                for p, s, i, d in zip(place, how.stride, k, how.dilation, strict=True)
            ]
            y[n, o, *place] += x[n, first : first + each, *at] @ W[o, :, *k]
    return y


HOW = {
    "1 dimension": (Unfolding((3,), (1,), (1,)), (7,)),
    "a stride": (Unfolding((2, 3), (2, 1), (1, 1)), (6, 5)),
    "a dilation and groups": (Unfolding((2, 2), (1, 1), (2, 3), 2), (5, 6)),
    "a single number, in groups": (Unfolding((1, 1), (1, 1), (1, 1), 2), (3, 2)),
    "depthwise": (Unfolding((2, 3), (1, 1), (2, 1), 4), (5, 6)),
    "3 dimensions": (Unfolding((2, 1, 2), (1, 1, 1), (1, 1, 1)), (3, 3, 4)),
    "3 dimensions, a stride": (Unfolding((2, 2, 2), (1, 2, 2), (1, 1, 1)), (3, 5, 4)),
}


@pytest.mark.parametrize("block", [1, 1 << 20])
@pytest.mark.parametrize("name", HOW)
def test_the_fast_form_is_the_plain_sum(name, block, monkeypatch):
    """Else: a block, a group or a row that wraps around goes to the wrong place.

    The numbers are small integers, so every sum is exact in any order.
    """
    monkeypatch.setattr(unfold, "BLOCK_BYTES", block)
    monkeypatch.setattr(depthwise, "BLOCK", block)
    monkeypatch.setattr(unfold, "SHORTEST", 3)
    monkeypatch.setattr(unfold, "NARROWEST", 4)
    how, spatial = HOW[name]
    rng = np.random.default_rng(0)
    x = rng.integers(-4, 5, (3, 4, *spatial)).astype(float)
    pads = [(0, 0)] * len(spatial)
    outputs = 6 if how.groups < 4 else 4
    W = rng.integers(-4, 5, (outputs, 4 // how.groups, *how.kernel)).astype(float)
    y = plain(x, W, how)
    assert np.array_equal(unfold.convolve(x, W, None, pads, how), y)

    # <dy, conv(x, W)> is linear in x and in W: its gradients say the same.
    dy = rng.integers(-4, 5, y.shape).astype(float)
    dx = unfold.input_gradient(dy, W, spatial, pads, how)
    dW = unfold.kernel_gradient(x, dy, W, pads, how)
    for i in rng.choice(x.size, 20):
        unit = np.zeros(x.size)
        unit[i] = 1
        assert dx.flat[i] == np.vdot(dy, plain(unit.reshape(x.shape), W, how))
    for i in rng.choice(W.size, 20):
        unit = np.zeros(W.size)
        unit[i] = 1
        assert dW.flat[i] == np.vdot(dy, plain(x, unit.reshape(W.shape), how))


def test_no_gradient_is_computed_for_data():
    """Else: a first layer does a third of its work for nothing."""
    conv = scratch.nn.Conv2d(1, 2, 3)
    x = np.ones((2, 1, 5, 5), np.float32)
    y, back = conv(detach(x))
    assert type(y) is np.ndarray
    assert back(np.ones_like(y)) is None
    grad, conv.weight.grad = conv.weight.grad, None
    conv(x)[1](np.ones_like(y))
    assert np.array_equal(grad, conv.weight.grad)


@pytest.mark.parametrize("padding", ["same", "valid", 3])
def test_more_than_one_block_matches_pytorch(padding):
    """Else: only images that fit into one block are right."""
    reference = torch_ref.nn.Conv2d(8, 4, 3, padding=padding)
    x = np.random.default_rng(0).standard_normal((5, 8, 40, 70))
    twofold.assert_match(scratch.nn.Conv2d(8, 4, 3, padding=padding), reference, x)


@pytest.mark.parametrize("name", ["Conv1d", "Conv2d", "Conv3d"])
def test_parameters_are_drawn_as_pytorch_draws_them(name):
    """Else: both networks start from other weights."""
    drawn = []
    for tree in scratch, torch_ref:
        tree.manual_seed(3)
        layer = getattr(tree.nn, name)(4, 6, 3, groups=2)
        drawn.append([np.asarray(p.data) for p in (layer.weight, layer.bias)])
    for mine, theirs in zip(*drawn, strict=True):
        assert np.array_equal(mine, theirs)
