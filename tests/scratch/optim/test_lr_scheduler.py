"""Schedules against PyTorch's: Python floats on both sides, so they must be equal."""

import copy
import inspect
import math

import numpy as np
import pytest
import torch

from each import each
from schedules import (
    BUILDERS,
    COMBINED,
    NAMES,
    STEPS,
    keys,
    optimizers,
    options_of,
    single,
    step,
    twins,
)
from twofold import scratch, torch_ref
from twofold.scratch.nn import Parameter
from twofold.scratch.optim import lr_scheduler


@each("optimizer", ["SGD", "Adam"])
@each("case", BUILDERS)
def test_rates_and_momenta_equal_pytorchs(case, optimizer):
    """Another rate at some step, from a formula or its boundaries."""
    mine, reference = twins(BUILDERS[case], optimizer)
    for t in range(STEPS):
        if t:
            step(mine, reference)
        assert options_of(mine[0]) == options_of(reference[0]), t
        assert mine[1].get_last_lr() == reference[1].get_last_lr()
        if t in (0, 3, STEPS - 1):
            assert keys(mine[1].state_dict()) == keys(reference[1].state_dict())


@each("case", BUILDERS)
def test_resuming_equals_going_on(case):
    """A schedule that was saved would start again, on this side or the other."""
    mine, reference = twins(BUILDERS[case])
    for _ in range(23):
        step(mine, reference)
    copies = twins(BUILDERS[case])
    saved = [
        copy.deepcopy(scheduler.state_dict()) for _, scheduler in (reference, mine)
    ]
    for (optimizer, scheduler), state, source in zip(
        copies, saved, (reference, mine), strict=True
    ):
        scheduler.load_state_dict(state)
        optimizer.load_state_dict(source[0].state_dict())
    kept = copy.deepcopy(saved[0])
    copies[0][1].load_state_dict(saved[0])  # a state can be loaded twice
    assert keys(saved[0]) == keys(kept)
    for _ in range(60):
        step(mine, reference, *copies)
        assert (
            mine[1].get_last_lr() == copies[0][1].get_last_lr()
            and mine[1].get_last_lr() == copies[1][1].get_last_lr()
        )


@each("case", [c for c in BUILDERS if c not in COMBINED])
def test_last_epoch_resumes(case):
    """A schedule made with `last_epoch` would start in another place."""
    results = []
    for optimizer, first in twins(BUILDERS[case]):
        for _ in range(12):
            step((optimizer, first))
        schedulers = (
            lr_scheduler
            if isinstance(first, lr_scheduler.LRScheduler)
            else torch_ref.optim.lr_scheduler
        )
        second = BUILDERS[case](schedulers, optimizer, last_epoch=first.last_epoch)
        rates = [second.get_last_lr()]
        for _ in range(20):
            step((optimizer, second))
            rates.append(second.get_last_lr())
        results.append(rates)
    assert results[0] == results[1]


@pytest.mark.filterwarnings("ignore::UserWarning")
@each("case", [c for c in BUILDERS if c not in COMBINED])
def test_an_epoch_can_be_named(case):
    """step(epoch) would not use the closed form, or forget where it is."""
    mine, reference = twins(BUILDERS[case])
    for epoch in 3, 0, 10, None, None, 17, 99, None, 4:
        for optimizer, scheduler in mine, reference:
            optimizer.step()
            scheduler.step(epoch)
        assert mine[1].get_last_lr() == reference[1].get_last_lr()


PLATEAUS = [
    {},
    {"mode": "max", "factor": 0.5, "patience": 2},
    {"threshold_mode": "abs", "threshold": 0.1, "patience": 1, "cooldown": 3},
    {"mode": "max", "threshold_mode": "abs", "min_lr": [0.01, 0.02], "patience": 0},
    {"eps": 0.05, "patience": 0},
]


@pytest.mark.parametrize("options", PLATEAUS, ids=str)
def test_plateaus_are_pytorchs(options):
    """A metric would count as better or worse where PyTorch decides otherwise."""
    mine, reference = twins(single("ReduceLROnPlateau", options))
    rng = np.random.default_rng(0)
    for t in range(STEPS):
        metric = math.nan if t == 50 else rng.standard_normal() + 0.01 * t
        for _, scheduler in mine, reference:
            scheduler.step(metric)
        assert mine[1].state_dict() == reference[1].state_dict()
        assert options_of(mine[0]) == options_of(reference[0])
        if t == 100:
            mine[1].load_state_dict(reference[1].state_dict())


def test_steps_beyond_the_cycle_raise():
    """OneCycleLR would go on, with rates that mean nothing."""
    mine, reference = twins(single("OneCycleLR", {"max_lr": 0.1, "total_steps": 4}))
    for _ in range(4):
        step(mine, reference)
    for pair in mine, reference:
        with pytest.raises(ValueError):
            step(pair)


def test_a_plateau_notices_a_new_group():
    """A list of lowest rates would be applied to the wrong groups."""
    options = {"min_lr": [0.01, 0.02], "patience": 0}
    for optimizer, scheduler in twins(single("ReduceLROnPlateau", options)):
        kind = type(optimizer.param_groups[0]["params"][0])
        array = np.ones(2) if kind is Parameter else torch.ones(2)
        optimizer.add_param_group({"params": [kind(array)]})
        scheduler.step(1.0)
        with pytest.raises(RuntimeError):
            scheduler.step(2.0)


@each("name", [*NAMES, "SWALR"])
def test_signature_is_pytorchs(name):
    """An argument would have another name, place or default than in PyTorch."""

    def arguments(side):
        module = side.swa_utils if name == "SWALR" else side.lr_scheduler
        signature = inspect.signature(getattr(module, name).__init__)
        return [(p.name, p.kind, p.default) for p in signature.parameters.values()]

    assert arguments(scratch.optim) == arguments(torch_ref.optim)


def test_numpy_numbers_become_python_numbers():
    """A rate of type np.float64 would turn float32 arithmetic into float64."""
    (mine, _) = optimizers()
    for scheduler in (
        lr_scheduler.LambdaLR(mine, lambda t: np.cos(t / 10)),
        lr_scheduler.CyclicLR(mine, np.float32(0.1), np.float64(0.2)),
    ):
        step((mine, scheduler))
        assert [type(lr) for lr in scheduler.get_last_lr()] == [float, float]
