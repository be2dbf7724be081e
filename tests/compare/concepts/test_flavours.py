"""Draws that stand on kinks and ties: which they are, and within which bounds."""

import numpy as np
import pytest

from twofold.compare.concepts.cases.flavours import (
    FLAVOURS,
    ORDINARY,
    flavour_of,
    flavoured,
)
from twofold.compare.concepts.cases.spec import D, Dice, N, Near, Real, Uniform


def test_every_flavour_has_its_turn_and_most_draws_are_ordinary():
    """Else: a kink at which an implementation is wrong might never be drawn."""
    drawn = [flavour_of([0, 7, case], k) for case in range(10) for k in range(6)]
    assert set(drawn) == {ORDINARY, *FLAVOURS}
    assert drawn.count(ORDINARY) == 40


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("shape", [(), (1,), (4, 5), (0, 3)])
def test_a_flavour_keeps_shape_and_bounds(flavour, shape):
    """Else: a probability of a draw is none, and PyTorch refuses it."""
    rng = np.random.default_rng(0)
    x = rng.uniform(0.1, 0.9, shape)
    made = flavoured(x, flavour, rng, (0.1, 0.9), 0.1, 0.9)
    assert isinstance(made, np.ndarray) and made.shape == shape
    assert ((made >= 0.1) & (made <= 0.9)).all()


def _of(flavour: str) -> Dice:
    dice = Dice([0], 0)
    dice.flavour = flavour
    dice.sizes |= {"N": 20, "D": 30}
    return dice


def test_a_draw_at_kinks_stands_on_each_of_them_exactly():
    """Else: a slope that is wrong at 6 alone is never asked for."""
    x = Real((N, D), kinks=(0.0, 6.0)).draw(_of("at kinks"))
    assert (x == 0).any() and (x == 6).any() and len(np.unique(x)) > 100
    x = Uniform((N, D), 0.25, 1.0).draw(_of("at kinks"))
    assert (x == 0.25).any() and (x == 1).any()


def test_prediction_and_target_are_equal_in_some_places():
    """Else: the slope of |x - y| at 0 is never asked for."""
    dice = _of("at kinks")
    x = Real((N, D)).draw(dice)
    y = Near(0, Real((N, D))).draw(dice, [x])
    assert 0.2 < (x == y).mean() < 0.7


def test_one_fixed_scale_stays_one():
    """Else: where only one scale can be compared, rounding is called a difference."""
    unit = Real((N, D), spread=1.0)
    assert np.abs(unit.draw(_of("fills"))).max() < 10
    assert np.abs(Real((N, D)).draw(_of("fills"))).max() == 1e9
