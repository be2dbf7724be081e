"""Padding: which numbers a border is made of, and where their gradients go."""

import numpy as np
import pytest

import twofold
from twofold import scratch, torch_ref
from twofold.scratch.kernels.borders import MODES, border

LINE = np.arange(1.0, 6.0)[None, None]


def padded(name, *options):
    return getattr(scratch.nn, name)(*options)(LINE)[0][0, 0].tolist()


def test_each_kind_makes_its_border():
    """Else: one kind of border is taken for another."""
    assert padded("ZeroPad1d", (1, 2)) == [0, 1, 2, 3, 4, 5, 0, 0]
    assert padded("ConstantPad1d", (2, 0), 7) == [7, 7, 1, 2, 3, 4, 5]
    assert padded("ReflectionPad1d", (2, 1)) == [3, 2, 1, 2, 3, 4, 5, 4]
    assert padded("ReplicationPad1d", (2, 1)) == [1, 1, 1, 2, 3, 4, 5, 5]
    assert padded("CircularPad1d", (2, 1)) == [4, 5, 1, 2, 3, 4, 5, 1]


def test_what_is_taken_away_may_still_be_reflected_but_not_wrapped():
    """Else: negative padding cuts at the wrong time."""
    assert padded("ConstantPad1d", (-1, 2), 7) == [2, 3, 4, 5, 7, 7]
    assert padded("ReflectionPad1d", (4, -3)) == [5, 4, 3, 2, 1, 2]
    assert padded("ReplicationPad1d", (-1, 2)) == [2, 3, 4, 5, 5, 5]
    assert padded("CircularPad1d", (-1, 2)) == [2, 3, 4, 5, 2, 3]


@pytest.mark.parametrize("pads", [[(2, 1), (0, 2)], [(-1, 2), (1, -2)]])
@pytest.mark.parametrize("mode", MODES)
def test_a_borders_way_back_is_its_transpose(mode, pads):
    """Else: the gradients of border numbers go to others than they were taken from.

    The numbers are small integers, so every sum is exact in any order.
    """
    rng = np.random.default_rng(0)
    x = rng.integers(-4, 5, (2, 1, 4, 3)).astype(float)
    y, back = border(x, pads, mode)
    assert y.shape == (
        2,
        1,
        *(n + sum(pad) for n, pad in zip((4, 3), pads, strict=True)),
    )
    dy = rng.integers(-4, 5, y.shape).astype(float)
    assert np.vdot(dy, y) == np.vdot(back(dy), x)


def test_all_of_it_may_be_taken_away():
    """Else: an empty output is an error, or its gradient is."""
    y, back = scratch.nn.ZeroPad1d((-3, -2))(LINE)
    assert y.shape == (1, 1, 0)
    assert np.array_equal(back(y), np.zeros_like(LINE))


def test_padding_is_never_its_input():
    """Else: who writes into the output writes into the input."""
    for name in "ZeroPad1d", "CircularPad1d":
        y, _ = getattr(scratch.nn, name)(0)(LINE)
        assert not np.shares_memory(y, LINE)


@pytest.mark.parametrize("name", ["ZeroPad1d", "ReflectionPad1d", "CircularPad1d"])
def test_integers_are_padded_and_have_no_gradient(name):
    """Else: token ids cannot be padded, or become floats."""
    x = np.array([[[1, 2, 3]]])
    y, back = getattr(scratch.nn, name)((1, 0))(x)
    assert y.dtype == x.dtype
    assert y[0, 0, 1:].tolist() == [1, 2, 3]
    assert back(np.ones(y.shape)) is None


def test_a_constant_pads_more_dimensions_than_a_batch_has():
    """Else: it asks for a batch and channels, which padding does not need."""
    rng = np.random.default_rng(0)
    options = (1, 2, 0, -1), 0.5
    for shape in (2, 1, 2, 2, 3, 2), (3, 2):
        twofold.assert_match(
            scratch.nn.ConstantPad2d(*options),
            torch_ref.nn.ConstantPad2d(*options),
            rng.standard_normal(shape),
        )
