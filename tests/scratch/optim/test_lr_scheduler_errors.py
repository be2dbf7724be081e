"""Bad options of schedules, and what they warn of."""

import copy
import warnings

import pytest

from optimizers import raised
from schedules import label, optimizers, single, slowly, step, twins
from twofold import torch_ref
from twofold.scratch.optim import lr_scheduler

BAD = [
    ("LambdaLR", {"lr_lambda": [slowly]}),
    ("MultiplicativeLR", {"lr_lambda": [slowly]}),
    ("MultiplicativeLR", {"lr_lambda": 0.9}),
    ("ConstantLR", {"factor": 1.1}),
    ("ConstantLR", {"factor": -0.1}),
    ("LinearLR", {"start_factor": 0.0}),
    ("LinearLR", {"start_factor": 1.1}),
    ("LinearLR", {"end_factor": 1.1}),
    ("LinearLR", {"end_factor": -0.1}),
    ("CosineAnnealingWarmRestarts", {"T_0": 0}),
    ("CosineAnnealingWarmRestarts", {"T_0": 1.5}),
    ("CosineAnnealingWarmRestarts", {"T_0": 1, "T_mult": 0}),
    ("CosineAnnealingWarmRestarts", {"T_0": 1, "T_mult": 1.5}),
    ("CosineAnnealingWarmRestarts", {"T_0": 1, "eta_min": "low"}),
    ("CyclicLR", {"base_lr": 0.1, "max_lr": 0.2, "mode": "square"}),
    ("CyclicLR", {"base_lr": [0.1], "max_lr": 0.2}),
    ("CyclicLR", {"base_lr": 0.1, "max_lr": [0.2]}),
    ("CyclicLR", {"base_lr": 0.1, "max_lr": 0.2, "base_momentum": [0.8]}),
    ("OneCycleLR", {"max_lr": 0.1}),
    ("OneCycleLR", {"max_lr": 0.1, "epochs": 3}),
    ("OneCycleLR", {"max_lr": 0.1, "epochs": 3, "steps_per_epoch": 0}),
    ("OneCycleLR", {"max_lr": 0.1, "epochs": 1.5, "steps_per_epoch": 2}),
    ("OneCycleLR", {"max_lr": 0.1, "total_steps": 0}),
    ("OneCycleLR", {"max_lr": 0.1, "total_steps": 1.5}),
    ("OneCycleLR", {"max_lr": 0.1, "total_steps": 5, "pct_start": 2.0}),
    ("OneCycleLR", {"max_lr": 0.1, "total_steps": 5, "pct_start": 1}),
    ("OneCycleLR", {"max_lr": 0.1, "total_steps": 5, "anneal_strategy": "exp"}),
    ("OneCycleLR", {"max_lr": [0.1], "total_steps": 5}),
    ("ReduceLROnPlateau", {"factor": 1.0}),
    ("ReduceLROnPlateau", {"mode": "mean"}),
    ("ReduceLROnPlateau", {"threshold_mode": "both"}),
    ("ReduceLROnPlateau", {"min_lr": [0.1]}),
    ("SWALR", {"swa_lr": [0.1]}),
    ("SWALR", {"swa_lr": 0.1, "anneal_strategy": "exp"}),
    ("SWALR", {"swa_lr": 0.1, "anneal_epochs": -1}),
    ("SWALR", {"swa_lr": 0.1, "anneal_epochs": 1.5}),
    ("StepLR", {"step_size": 3, "last_epoch": 4}),
]


def assert_same_exception(build, **options):
    mine, reference = optimizers(**options)
    expected = raised(lambda: build(torch_ref.optim.lr_scheduler, reference))
    assert expected is not None
    assert raised(lambda: build(lr_scheduler, mine)) is expected


@pytest.mark.parametrize(("name", "options"), BAD, ids=label)
def test_bad_options_raise_what_pytorch_raises(name, options):
    """A bad option would be taken, or raise another exception than in PyTorch."""
    assert_same_exception(single(name, options), momentum=0.9)


BAD_COMBINATIONS = {
    "no schedules in a row": lambda s, o: s.SequentialLR(o, [], []),
    "no schedules at once": lambda s, o: s.ChainedScheduler([], o),
    "no schedule in a row": lambda s, o: s.SequentialLR(o, [3], []),
    "no schedule at once": lambda s, o: s.ChainedScheduler([s.StepLR(o, 3), 3]),
    "milestones": lambda s, o: s.SequentialLR(o, [s.StepLR(o, 3)], [4]),
    "a plateau in a row": lambda s, o: s.SequentialLR(o, [s.ReduceLROnPlateau(o)], []),
    "a plateau at once": lambda s, o: s.ChainedScheduler([s.ReduceLROnPlateau(o)]),
    "two optimisers": lambda s, o: s.SequentialLR(
        o, [s.StepLR(copy.deepcopy(o), 3)], []
    ),
    "no optimiser": lambda s, o: s.StepLR("SGD", 3),
    "no optimiser in a cycle": lambda s, o: s.CyclicLR("SGD", 0.1, 0.2),
    "no optimiser on a plateau": lambda s, o: s.ReduceLROnPlateau("SGD"),
    "no get_lr": lambda s, o: s.LRScheduler(o),
}


@pytest.mark.parametrize("case", BAD_COMBINATIONS)
def test_bad_combinations_raise_what_pytorch_raises(case):
    """Schedules that cannot work together would be combined."""
    assert_same_exception(BAD_COMBINATIONS[case])


def test_momentum_is_not_cycled_where_there_is_none():
    """The option would be ignored by an optimiser without momentum."""
    for build in (
        lambda s, o: s.CyclicLR(o, 0.1, 0.2),
        lambda s, o: s.OneCycleLR(o, 0.1, 10),
    ):
        assert_same_exception(build, name="Adagrad")


WARNINGS = {
    "stepped before the optimiser": lambda o, s: s.step(),
    "asked for get_lr": lambda o, s: s.get_lr(),
    "named an epoch": lambda o, s: (o.step(), s.step(3)),
}


@pytest.mark.parametrize("case", WARNINGS)
def test_warnings_are_pytorchs(case):
    """A mistake that PyTorch warns of would pass in silence."""
    for pair in twins(single("StepLR", {"step_size": 3})):
        with pytest.warns(UserWarning):
            WARNINGS[case](*pair)
    mine, reference = twins(single("StepLR", {"step_size": 3}))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        step(mine, reference)
