"""The detector on mistakes that somebody made: found, placed, blamed."""

import pytest

from twofold.compare.concepts.selftest import (
    correct_tasks,
    false_alarms,
    plants,
    try_plant,
)


@pytest.mark.parametrize("name", plants())
def test_a_planted_mistake_is_found_placed_and_blamed(name):
    """If this failed, the harness would let a real mistake pass."""
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
    assert false_alarms("nn.Linear", 8, 3) == (24, [])
    assert len(correct_tasks(0, 100)) > 20
    assert correct_tasks(0, 0) == []
