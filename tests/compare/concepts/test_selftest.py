"""The detector on mistakes that somebody made: found, placed, blamed."""

from contextlib import suppress

import pytest

from twofold.compare.concepts import checking
from twofold.compare.concepts.selftest import (
    correct_tasks,
    false_alarms,
    patch,
    plants,
    try_plant,
)


def from_both_ends(cases, draws, dtypes):
    """Each case once, the last ones early: packed and masked ones stand there."""
    last = len(cases) - 1
    order = [number for k in range(len(cases)) for number in (k, last - k)]
    for number in dict.fromkeys(order):
        for dtype in getattr(cases[number], "dtypes", dtypes):
            yield number, 0, dtype


@pytest.mark.parametrize("name", plants())
def test_a_planted_mistake_is_found_placed_and_blamed(name):
    """If this failed, the harness would let a real mistake pass."""
    outcome = None
    with patch(checking, "_draws", from_both_ends), suppress(ValueError):
        outcome = try_plant(name)  # unless the plant is not made for some late case
    if outcome is None or not outcome.placed or outcome.blamed is False:
        outcome = try_plant(name, draws=4)
    assert outcome.found
    assert outcome.placed, outcome.first
    assert outcome.blamed is not False, outcome.cause


def test_every_plant_names_its_source_and_is_taken_out_again():
    """If this failed, a plant would spoil what comes after it."""
    from twofold import scratch

    before = scratch.nn.ReLU.forward, scratch.optim.Adam.update
    for plant in plants().values():
        assert plant.source and (plant.concepts or plant.check)
        with plant.patch():
            pass
    assert (scratch.nn.ReLU.forward, scratch.optim.Adam.update) == before


def test_correct_code_raises_no_alarm():
    """If this failed, the alarm would be worth nothing."""
    assert false_alarms("nn.Linear", 8, 3) == (32, [])
    assert len(correct_tasks(0, 100)) > 20
    assert correct_tasks(0, 0) == []
