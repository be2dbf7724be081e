"""Schedules against PyTorch's: Python floats on both sides, so they must be equal."""

import copy
import inspect
import math
import warnings

import numpy as np
import pytest
import torch

import scratch.optim
import torch_ref.optim
from scratch.nn import Parameter
from scratch.optim import lr_scheduler, swa_utils

STEPS = 200
NAMES = [n for n in lr_scheduler.__all__ if n != "LRScheduler"]


class Decay:
    """A callable object, whose attributes are saved."""

    def __init__(self, base):
        self.base = base

    def __call__(self, t):
        return self.base**t

    def __str__(self):
        return f"Decay({self.base})"


def slowly(t):
    return 0.95**t


def in_waves(t):
    return 0.9 + 0.1 * (t % 3)


def inverse(x):
    return 1 / x


# name, options; a list where several cycles, phases or groups behave differently
SCHEDULES = [
    ("LambdaLR", {"lr_lambda": slowly}),
    ("LambdaLR", {"lr_lambda": [slowly, Decay(0.9)]}),
    ("MultiplicativeLR", {"lr_lambda": in_waves}),
    ("MultiplicativeLR", {"lr_lambda": [Decay(0.999), in_waves]}),
    ("StepLR", {"step_size": 7}),
    ("MultiStepLR", {"milestones": [3, 3, 9, 50], "gamma": 0.3}),
    ("MultiStepLR", {"milestones": [0, 100]}),
    ("ConstantLR", {}),
    ("ConstantLR", {"factor": 0.1, "total_iters": 17}),
    ("LinearLR", {}),
    ("LinearLR", {"start_factor": 1.0, "end_factor": 0.0, "total_iters": 33}),
    ("ExponentialLR", {"gamma": 0.97}),
    ("PolynomialLR", {}),
    ("PolynomialLR", {"total_iters": 150, "power": 0.9}),
    ("CosineAnnealingLR", {"T_max": 50}),
    ("CosineAnnealingLR", {"T_max": 7, "eta_min": 0.01}),
    ("CosineAnnealingLR", {"T_max": 1}),
    ("CosineAnnealingWarmRestarts", {"T_0": 10}),
    ("CosineAnnealingWarmRestarts", {"T_0": 3, "T_mult": 2, "eta_min": 0.001}),
    (
        "CyclicLR",
        {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 13, "step_size_down": 5},
    ),
    (
        "CyclicLR",
        {
            "base_lr": [0.01, 0.02],
            "max_lr": [0.1, 0.3],
            "step_size_up": 20,
            "mode": "triangular2",
        },
    ),
    (
        "CyclicLR",
        {
            "base_lr": 0.01,
            "max_lr": 0.1,
            "step_size_up": 20,
            "mode": "exp_range",
            "gamma": 0.98,
            "base_momentum": [0.7, 0.6],
        },
    ),
    (
        "CyclicLR",
        {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 10, "scale_fn": inverse},
    ),
    (
        "CyclicLR",
        {
            "base_lr": 0.01,
            "max_lr": 0.1,
            "step_size_up": 10,
            "scale_fn": Decay(0.9),
            "scale_mode": "iterations",
            "cycle_momentum": False,
        },
    ),
    ("OneCycleLR", {"max_lr": 0.1, "total_steps": 205}),
    (
        "OneCycleLR",
        {
            "max_lr": [0.1, 0.3],
            "epochs": 5,
            "steps_per_epoch": 50,
            "anneal_strategy": "linear",
        },
    ),
    (
        "OneCycleLR",
        {"max_lr": 0.1, "total_steps": 230, "three_phase": True, "pct_start": 0.4},
    ),
    (
        "OneCycleLR",
        {
            "max_lr": 0.1,
            "total_steps": 201,
            "three_phase": True,
            "anneal_strategy": "linear",
            "div_factor": 3.0,
            "final_div_factor": 7.0,
            "base_momentum": [0.1, 0.2],
            "max_momentum": 0.7,
        },
    ),
    ("OneCycleLR", {"max_lr": 0.1, "total_steps": 201, "pct_start": 0.0}),
    ("SWALR", {"swa_lr": 0.05}),
    ("SWALR", {"swa_lr": [0.05, 0.5], "anneal_epochs": 0}),
    ("SWALR", {"swa_lr": 0.05, "anneal_epochs": 30, "anneal_strategy": "linear"}),
]

COMBINED = {
    "warm-up, then decay": lambda s, o: s.SequentialLR(
        o, [s.ConstantLR(o, 0.1, 20), s.ExponentialLR(o, 0.9)], [20]
    ),
    "three in a row": lambda s, o: s.SequentialLR(
        o,
        [
            s.LinearLR(o, 0.1, total_iters=10),
            s.CosineAnnealingWarmRestarts(o, 20),
            s.StepLR(o, 5),
        ],
        [10, 100],
    ),
    "restarts first": lambda s, o: s.SequentialLR(
        o, [s.CosineAnnealingWarmRestarts(o, 20), s.PolynomialLR(o, 50)], [55]
    ),
    "one cycle first": lambda s, o: s.SequentialLR(
        o, [s.OneCycleLR(o, 0.3, 70), s.MultiplicativeLR(o, in_waves)], [60]
    ),
    "two at once": lambda s, o: s.ChainedScheduler(
        [s.ConstantLR(o, 0.1, 20), s.ExponentialLR(o, 0.9)]
    ),
    "four at once": lambda s, o: s.ChainedScheduler(
        [
            s.StepLR(o, 20),
            s.MultiStepLR(o, [3, 8]),
            s.LinearLR(o, 0.1),
            s.CosineAnnealingLR(o, 60),
        ],
        optimizer=o,
    ),
}


def single(name, options):
    def build(schedulers, optimizer, **more):
        swa = swa_utils if schedulers is lr_scheduler else torch_ref.optim.swa_utils
        made_by = swa if name == "SWALR" else schedulers
        return getattr(made_by, name)(optimizer, **copy.deepcopy(options), **more)

    return build


def label(value):
    """Options as text that is the same in every process, for the names of tests."""
    if isinstance(value, dict):
        return ", ".join(f"{k}={label(v)}" for k, v in value.items())
    if isinstance(value, list):
        return f"[{', '.join(map(label, value))}]"
    return getattr(value, "__name__", str(value))


BUILDERS = {f"{n} {label(o)}": single(n, o) for n, o in SCHEDULES} | COMBINED


def optimizers(name="SGD", **options):
    """The same optimiser on both sides, with two groups."""
    for side, parameter in (
        (scratch.optim, lambda: Parameter(np.ones(2))),
        (torch_ref.optim, lambda: torch.nn.Parameter(torch.ones(2))),
    ):
        groups = [{"params": [parameter()], "lr": lr} for lr in (0.1, 0.03)]
        yield getattr(side, name)(groups, **options)


def twins(build, name="SGD", **more):
    options = {"momentum": 0.9} if name == "SGD" else {}
    mine, reference = optimizers(name, **options)
    return (
        (mine, build(lr_scheduler, mine, **more)),
        (reference, build(torch_ref.optim.lr_scheduler, reference, **more)),
    )


def options_of(optimizer):
    return [
        {k: v for k, v in group.items() if k != "params"}
        for group in optimizer.param_groups
    ]


def keys(state):
    """The names in a state, also in those of schedules within it."""
    if isinstance(state, dict):
        return {k: keys(v) for k, v in state.items() if isinstance(k, str)}
    return [keys(v) for v in state] if isinstance(state, list) else None


def step(*pairs):
    for optimizer, scheduler in pairs:
        optimizer.step()
        scheduler.step()


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
@pytest.mark.parametrize("case", BUILDERS)
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


@pytest.mark.parametrize("case", BUILDERS)
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


@pytest.mark.parametrize("case", [c for c in BUILDERS if c not in COMBINED])
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
@pytest.mark.parametrize("case", [c for c in BUILDERS if c not in COMBINED])
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


def raised(call):
    try:
        call()
    except Exception as error:
        return type(error)
    return None


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


@pytest.mark.parametrize("name", [*NAMES, "SWALR"])
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
