"""Cases for schedules: options over many steps, some of them drawn."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .spec import Dice, Value

STEPS = 200
GROUPS = 2  # of parameters, with rates of their own


@dataclass(frozen=True)
class Count(Value):
    """An integer between `low` and `high`, small ones as often as large ones."""

    low: int
    high: int

    def draw(self, dice):
        exponent = dice.rng.uniform(math.log(self.low), math.log(self.high + 1))
        return min(self.high, int(math.exp(exponent)))


@dataclass(frozen=True)
class Rate(Value):
    """A number between `low` and `high`, log-uniform; with `each`, one for a group."""

    low: float
    high: float
    each: bool = False

    def draw(self, dice):
        low, high = math.log(self.low), math.log(self.high)
        drawn = [math.exp(dice.rng.uniform(low, high)) for _ in range(GROUPS)]
        return drawn if self.each else drawn[0]


@dataclass(frozen=True)
class Epochs(Value):
    """Epochs in order, some of them named twice."""

    count: int

    def draw(self, dice):
        return sorted(int(n) for n in dice.rng.integers(0, STEPS // 2, self.count))


@dataclass(frozen=True)
class ScheduleCase:
    """Options of a schedule, for an optimiser with two groups.

    `build(optim, optimizer, **options)`, with `optim` of either tree, makes what the
    constructor alone cannot: schedules of schedules. In half of the draws the schedule
    is resumed midway, from the states of schedule and optimiser. With `pace`, each call
    is told the epoch, which grows by so much; `rates` are the first ones, where they
    are not drawn.
    """

    options: dict
    optimiser: str = "SGD"
    build: Callable | None = None
    label: str = ""
    watches: bool = False  # a metric, which `step` is given
    pace: float | None = None
    rates: tuple[float, ...] | None = None

    # Rates are Python floats, whatever the parameters are.
    dtypes: ClassVar = (np.float64,)

    def __str__(self) -> str:
        words = [f"{k}={_shown(v)}" for k, v in self.options.items()]
        words += [self.optimiser] if self.optimiser != "SGD" else []
        return self.label or ", ".join(words) or "defaults"

    def draw(self, dice: Dice) -> tuple[dict, np.ndarray, np.ndarray | None, int]:
        """Options, the groups' first rates, metrics, and where to resume (0: not)."""
        options = {
            name: value.draw(dice) if isinstance(value, Value) else value
            for name, value in self.options.items()
        }
        rates = 10 ** dice.rng.uniform(-4, 0, GROUPS)
        rates = np.array(self.rates or rates)
        noise = dice.rng.standard_normal(STEPS)
        metrics = noise * dice.scale() + np.linspace(1, 0, STEPS)
        resume = int(dice.rng.integers(1, STEPS)) if dice.rng.random() < 0.5 else 0
        return options, rates, metrics if self.watches else None, resume


def _shown(value) -> str:
    if isinstance(value, Value):
        return "drawn"
    return value.__name__ if callable(value) else str(value)


def shrinking(t):
    return 0.97**t


def wavering(t):
    return 0.9 + 0.1 * (t % 3)


def reciprocal(cycle):
    return 1 / cycle


def decaying(t):
    return 0.99**t


def _sequence(*names_and_options):
    """Schedules one after the other, with drawn milestones."""

    def build(optim, optimizer, milestones):
        ends = [n + i for i, n in enumerate(milestones, 1)]  # no two of them equal
        return optim.lr_scheduler.SequentialLR(
            optimizer, _made(optim, optimizer, names_and_options), ends
        )

    return build


def _chain(*names_and_options):
    def build(optim, optimizer):
        return optim.lr_scheduler.ChainedScheduler(
            _made(optim, optimizer, names_and_options)
        )

    return build


def _made(optim, optimizer, names_and_options):
    return [
        getattr(optim.lr_scheduler, name)(optimizer, **options)
        for name, options in names_and_options
    ]


def _sequence_case(label: str, *names_and_options) -> ScheduleCase:
    milestones = Epochs(len(names_and_options) - 1)
    build = _sequence(*names_and_options)
    return ScheduleCase({"milestones": milestones}, build=build, label=label)


def _chain_case(label: str, *names_and_options) -> ScheduleCase:
    return ScheduleCase({}, build=_chain(*names_and_options), label=label)


_SCHEDULES = {
    "LambdaLR": [
        ScheduleCase({"lr_lambda": shrinking}),
        ScheduleCase({"lr_lambda": [shrinking, wavering]}, label="one for each group"),
    ],
    "MultiplicativeLR": [
        ScheduleCase({"lr_lambda": wavering}),
        ScheduleCase({"lr_lambda": [decaying, wavering]}, label="one for each group"),
    ],
    "StepLR": [
        ScheduleCase({"step_size": Count(1, 60)}),
        ScheduleCase({"step_size": Count(1, 9), "gamma": Rate(0.5, 1.1)}),
    ],
    "MultiStepLR": [
        ScheduleCase({"milestones": Epochs(3)}),
        ScheduleCase({"milestones": [0, 3, 3, 9, 50], "gamma": Rate(0.3, 1.1)}),
    ],
    "ConstantLR": [
        ScheduleCase({}),
        ScheduleCase({"factor": Rate(0.01, 1), "total_iters": Count(1, 250)}),
        ScheduleCase({"factor": 1.0, "total_iters": 0}),
    ],
    "LinearLR": [
        ScheduleCase({}),
        ScheduleCase({"start_factor": Rate(0.001, 1), "total_iters": Count(1, 250)}),
        ScheduleCase({"start_factor": 1.0, "end_factor": 0.0, "total_iters": 33}),
        ScheduleCase(
            {"start_factor": 1e-8, "end_factor": 0.7, "total_iters": Count(1, 50)}
        ),
    ],
    "ExponentialLR": [
        ScheduleCase({"gamma": Rate(0.9, 1.01)}),
        ScheduleCase({"gamma": 0.97}, "Adam"),
    ],
    "PolynomialLR": [
        ScheduleCase({}),
        ScheduleCase({"total_iters": Count(1, 250), "power": Rate(0.3, 3)}),
        ScheduleCase({"total_iters": STEPS, "power": 2.0}),
    ],
    "CosineAnnealingLR": [
        ScheduleCase({"T_max": Count(1, 250)}),
        ScheduleCase({"T_max": Count(1, 20), "eta_min": Rate(1e-6, 0.1)}),
        ScheduleCase({"T_max": 1}),
        ScheduleCase({"T_max": STEPS, "eta_min": 0.2}, "Adam"),
    ],
    "CosineAnnealingWarmRestarts": [
        ScheduleCase({"T_0": Count(1, 60)}),
        ScheduleCase({"T_0": Count(1, 9), "T_mult": 2, "eta_min": Rate(1e-6, 0.1)}),
        ScheduleCase({"T_0": 1, "T_mult": 3}),
        # Told the epoch, within it and past several restarts.
        ScheduleCase({"T_0": Count(1, 9)}, pace=0.25),
        ScheduleCase({"T_0": Count(1, 9), "T_mult": 2}, pace=0.5),
        ScheduleCase({"T_0": 2, "T_mult": 3, "eta_min": 0.01}, pace=1.25),
    ],
    "CyclicLR": [
        ScheduleCase({"base_lr": 0.01, "max_lr": 0.1, "step_size_up": Count(1, 60)}),
        ScheduleCase(
            {
                "base_lr": Rate(1e-4, 1e-2, each=True),
                "max_lr": Rate(1e-2, 1, each=True),
                "step_size_up": Count(1, 30),
                "step_size_down": Count(1, 30),
                "mode": "triangular2",
            }
        ),
        ScheduleCase(
            {
                "base_lr": 0.01,
                "max_lr": 0.1,
                "step_size_up": 20,
                "mode": "exp_range",
                "gamma": Rate(0.9, 1),
                "base_momentum": [0.7, 0.6],
            }
        ),
        ScheduleCase(
            {
                "base_lr": 0.01,
                "max_lr": 0.1,
                "step_size_up": Count(1, 20),
                "scale_fn": reciprocal,
                "max_momentum": 0.95,
            },
            "Adam",
        ),
        ScheduleCase(
            {
                "base_lr": 0.01,
                "max_lr": 0.1,
                "step_size_up": 10,
                "scale_fn": decaying,
                "scale_mode": "iterations",
                "cycle_momentum": False,
            }
        ),
    ],
    "OneCycleLR": [
        ScheduleCase({"max_lr": 0.1, "total_steps": Count(STEPS + 1, 400)}),
        ScheduleCase(
            {
                "max_lr": Rate(1e-3, 1, each=True),
                "epochs": 5,
                "steps_per_epoch": 50,
                "anneal_strategy": "linear",
                "base_momentum": [0.1, 0.2],
            },
            "Adam",
        ),
        ScheduleCase(
            {
                "max_lr": Rate(1e-3, 1),
                "total_steps": STEPS + 1,
                "three_phase": True,
                "pct_start": Rate(0.1, 0.5),
            }
        ),
        ScheduleCase(
            {
                "max_lr": 0.1,
                "total_steps": 230,
                "three_phase": True,
                "anneal_strategy": "linear",
                "div_factor": 3.0,
                "final_div_factor": 7.0,
                "max_momentum": 0.7,
                "pct_start": 0.4,
            }
        ),
        ScheduleCase(
            {
                "max_lr": 0.1,
                "total_steps": STEPS + 1,
                "pct_start": 0.0,
                "cycle_momentum": False,
            }
        ),
        ScheduleCase({"max_lr": 0.1, "total_steps": STEPS + 1, "pct_start": 1.0}),
    ],
    "ReduceLROnPlateau": [
        ScheduleCase({}, watches=True),
        # A reduction by just eps is none.
        ScheduleCase(
            {"factor": 0.5, "patience": 0, "eps": 0.5}, watches=True, rates=(1.0, 2.0)
        ),
        ScheduleCase(
            {"mode": "max", "factor": Rate(0.3, 0.99), "patience": Count(1, 9)},
            watches=True,
        ),
        ScheduleCase(
            {
                "threshold_mode": "abs",
                "threshold": Rate(1e-3, 1),
                "patience": 1,
                "cooldown": Count(1, 9),
            },
            watches=True,
        ),
        ScheduleCase(
            {
                "mode": "max",
                "threshold_mode": "abs",
                "min_lr": Rate(1e-5, 1e-2, each=True),
                "patience": 0,
            },
            watches=True,
        ),
        ScheduleCase({"eps": 0.01, "patience": 0}, watches=True),
    ],
    "SequentialLR": [
        _sequence_case(
            "a constant, then exponential",
            ("ConstantLR", {"factor": 0.1, "total_iters": 20}),
            ("ExponentialLR", {"gamma": 0.9}),
        ),
        _sequence_case(
            "warm-up, then a cosine",
            ("LinearLR", {"start_factor": 0.1, "total_iters": 10}),
            ("CosineAnnealingLR", {"T_max": 90}),
        ),
        _sequence_case(
            "warm-up, restarts, steps",
            ("LinearLR", {"start_factor": 0.1, "total_iters": 10}),
            ("CosineAnnealingWarmRestarts", {"T_0": 20}),
            ("StepLR", {"step_size": 5, "gamma": 0.9}),
        ),
        _sequence_case(
            "polynomial, multiplicative, at milestones",
            ("PolynomialLR", {"total_iters": 10}),
            ("MultiplicativeLR", {"lr_lambda": decaying}),
            ("MultiStepLR", {"milestones": [2, 4]}),
        ),
        _sequence_case("one alone", ("PolynomialLR", {"total_iters": 150})),
    ],
    "ChainedScheduler": [
        _chain_case(
            "a constant and exponential",
            ("ConstantLR", {"factor": 0.1, "total_iters": 20}),
            ("ExponentialLR", {"gamma": 0.97}),
        ),
        _chain_case(
            "four at once",
            ("StepLR", {"step_size": 20, "gamma": 0.7}),
            ("MultiStepLR", {"milestones": [3, 8], "gamma": 0.5}),
            ("LinearLR", {"start_factor": 0.1}),
            ("CosineAnnealingLR", {"T_max": 60}),
        ),
    ],
}

_SWALR = [
    ScheduleCase({"swa_lr": 0.05}),
    ScheduleCase({"swa_lr": Rate(1e-3, 1, each=True), "anneal_epochs": 0}),
    ScheduleCase(
        {
            "swa_lr": Rate(1e-3, 1),
            "anneal_epochs": Count(1, 250),
            "anneal_strategy": "linear",
        },
        "Adam",
    ),
]

CASES = {f"optim.lr_scheduler.{name}": cases for name, cases in _SCHEDULES.items()}
CASES["optim.swa_utils.SWALR"] = _SWALR
