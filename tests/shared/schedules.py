"""The same schedules on both sides, with every option."""

import copy

import numpy as np
import torch

from twofold import scratch, torch_ref
from twofold.scratch.nn import Parameter
from twofold.scratch.optim import lr_scheduler, swa_utils

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
