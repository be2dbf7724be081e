"""Places next to given numbers."""

import numpy as np
import pytest

from twofold.compare.numerics.places import nudged, pinned, stepped

X = np.array([[0.0, 1.0, -2.5], [np.inf, 6.0, np.pi], [-np.inf, 1.0, 1 / 3]])
Z = np.array([1 + 2j, 0.1 - 1j])


def test_two_steps_along_a_ray_go_the_same_way():
    """Else: the two ends of a difference lie on different sides of a kink."""
    near, far = stepped(X, 1e-6, np.random.default_rng(3))
    moving = np.isfinite(X) & (X != 0)
    assert np.array_equal(near == X, ~moving)  # zeros stay
    x, near, far = X[moving], near[moving], far[moving]
    assert (np.abs((far - x) / (near - x) - 2) < 1e-6).all()
    share = np.abs(near / x - 1) / 1e-6
    assert (share > 0.49).all() and (share < 1.51).all()


def test_nothing_stays_on_a_kink():
    """Else: a convention at 0 is taken for a mistake next to it."""
    moved = nudged(X, 2.0**-20, np.random.default_rng(0), zeros=True)
    finite = np.isfinite(X)
    assert (moved != X)[finite].all() and (moved == X)[~finite].all()
    left = nudged(X, 2.0**-20, np.random.default_rng(0), zeros=False)
    assert left[0, 0] == 0


def test_short_numbers_are_pinned_and_equal_ones_move_alike():
    """Else: a tie is broken, and rounding seems to decide what a convention does."""
    x = np.array([0.0, 1.0, -2.5, 6.0, np.pi, -np.pi, 1 / 3, np.pi, np.nan])
    moved = pinned(x, 2.0**-20, seed=4)
    assert np.array_equal(moved[:4], x[:4])
    assert moved[4] == moved[7] == -moved[5] != np.pi
    assert moved[6] != x[6] and np.isnan(moved[8])
    assert not np.array_equal(moved, pinned(x, 2.0**-20, seed=5), equal_nan=True)


@pytest.mark.parametrize("shape", [(2,), (1, 2), ()])
@pytest.mark.parametrize("dtype", [np.float32, np.complex128, np.complex64])
def test_dtype_and_shape_stay(dtype, shape):
    """Else: a side is run on numbers that it was not asked about."""
    x = Z.real.astype(dtype) if np.dtype(dtype).kind == "f" else Z.astype(dtype)
    x = x.reshape(shape) if shape else np.asarray(x[1])
    rng = np.random.default_rng(0)
    found = [
        *stepped(x, 1e-3, rng),
        nudged(x, 1e-3, rng, zeros=True),
        pinned(x, 1e-3, seed=1),
    ]
    for moved in found:
        assert (moved.dtype, moved.shape) == (x.dtype, x.shape)
        assert not np.array_equal(moved, x)


@pytest.mark.parametrize("shape", [(), (1,), (3, 2)])
def test_a_ray_leads_next_to_the_numbers(shape):
    """Else: a single number moves to 0, and everything counts as badly conditioned."""
    x = np.asarray(np.random.default_rng(1).standard_normal(shape))
    near, far = stepped(x, 2.0**-24, np.random.default_rng(0))
    moved = (near - x) / x
    assert (np.abs(moved) < 2.0**-23).all() and (moved != 0).all()
    assert (np.abs((far - x) / (near - x) - 2) < 1e-6).all()
