"""Schedules, initialisers, clipping and averages as concepts: found, fed and judged."""

import numpy as np
import pytest
import torch

from twofold import scratch
from twofold.compare.concepts import checking
from twofold.compare.concepts.cases import CASES
from twofold.compare.concepts.cases.schedules import STEPS
from twofold.compare.concepts.catalogue import Concept, concepts, select
from twofold.compare.concepts.selftest import patch
from twofold.scratch.nn import init
from twofold.scratch.optim import lr_scheduler, swa_utils

SCHEDULES = "optim.lr_scheduler."


def traces(name: str, number: int = 0, draw: int = 0):
    mine, reference, feed, _ = checking.draw_pair(Concept(name), number, draw, 0)
    with torch.random.fork_rng(devices=[]), scratch.random.fork_rng():
        return mine.run(feed), reference.run(feed)


@pytest.mark.parametrize(
    "word", ["StepLR", "lr_scheduler.StepLR", "steplr", "optim.lr_scheduler.StepLR"]
)
def test_a_concept_is_named_in_full_or_in_part(word):
    """Else: a user has to know in which family a schedule is."""
    assert select((word,), list(concepts())) == [SCHEDULES + "StepLR"]


def test_a_family_is_named_in_full_or_in_part():
    """Else: `twofold check lr_scheduler` is not known, or misses some."""
    known = list(concepts())
    schedules = select(("lr_scheduler",), known)
    assert schedules == select(("optim.lr_scheduler",), known)
    assert len(schedules) == 15
    assert set(schedules) < set(select(("optim",), known))
    assert "nn.init.uniform_" in select(("init",), known)
    assert "nn.Linear" not in select(("init",), known)
    with pytest.raises(LookupError, match="Did you mean optim"):
        select(("StepLRR",), known)


@pytest.mark.parametrize("name", [n for n in CASES if n.startswith(SCHEDULES)])
def test_every_rate_of_a_schedule_is_recorded(name):
    """Else: a schedule that parts late, or does nothing, passes."""
    changes = []
    for number in range(len(CASES[name])):
        mine, theirs = traces(name, number)
        assert list(mine) == list(theirs)
        rates = [theirs[f"step {step}: lr"] for step in range(STEPS + 1)]
        assert all(rate.dtype == np.float64 and rate.size == 2 for rate in rates)
        changes.append(len({tuple(rate) for rate in rates}) - 1)
    assert max(changes) >= 1


def test_momenta_are_recorded_where_a_schedule_moves_them():
    """Else: only half of what a cycle does is compared."""
    mine, theirs = traces(SCHEDULES + "OneCycleLR", 1)
    assert {f"step {k}: momentum" for k in range(STEPS + 1)} <= set(theirs)
    assert len({tuple(mine[f"step {k}: momentum"]) for k in range(STEPS)}) > STEPS / 2
    assert "step 1: momentum" not in traces(SCHEDULES + "StepLR")[1]


def test_a_schedule_that_forgets_its_place_when_resumed_is_found():
    """Else: nobody resumes, and `load_state_dict` may do nothing."""

    def forget(self, state_dict):
        pass

    with patch(lr_scheduler.StepLR, "load_state_dict", forget):
        report = checking.check_concept(Concept(SCHEDULES + "StepLR"), draws=8)
    assert report.verdict == "mismatch"


def test_a_last_bit_of_an_initialiser_is_found():
    """Else: initial weights are only nearly equal, and networks part."""
    right = init.uniform_

    def last_bit(tensor, *arguments, **more):
        right(tensor, *arguments, **more)
        tensor.flat[0] = np.nextafter(tensor.flat[0], tensor.dtype.type(9))
        return tensor

    with patch(init, "uniform_", last_bit):
        report = checking.check_concept(Concept("nn.init.uniform_"), draws=4)
    assert report.first == "float32 values"


def test_a_draw_too_many_of_an_initialiser_is_found():
    """Else: the values are right, and those of the next layer are not."""
    right = init.normal_

    def greedy(tensor, *arguments, generator=None, **more):
        right(tensor, *arguments, generator=generator, **more)
        (generator or scratch.random.default_generator).words(1)
        return tensor

    with patch(init, "normal_", greedy):
        report = checking.check_concept(Concept("nn.init.normal_"), draws=4)
    assert "random state" in report.first


def test_an_orthogonal_matrix_with_other_signs_is_found():
    """Else: its rounding, which is allowed for, hides a wrong sign."""
    right = init.orthogonal_

    def turned(tensor, *arguments, **more):
        right(tensor, *arguments, **more)
        tensor[0] *= -1
        return tensor

    with patch(init, "orthogonal_", turned):
        report = checking.check_concept(Concept("nn.init.orthogonal_"), draws=4)
    assert report.verdict == "mismatch"


def test_an_average_that_counts_from_elsewhere_is_found():
    """Else: the mean gives one model more weight than the others."""

    def late():
        return lambda averaged, current, n: averaged + (current - averaged) / (n + 2)

    with patch(swa_utils, "get_swa_avg_fn", late):
        model = checking.check_concept(
            Concept("optim.swa_utils.AveragedModel"), draws=2
        )
    assert model.first == "step 2: module.weight"


def test_a_refusal_is_compared():
    """Else: one side raises for an infinite norm, the other goes on."""
    name = "nn.utils.clip_grad_norm_"
    refusing = [
        i for i, case in enumerate(CASES[name]) if "error_if_nonfinite" in str(case)
    ]
    refused = [all("refused" in t for t in traces(name, i)) for i in refusing]
    assert refused == [False, True, True, True]
