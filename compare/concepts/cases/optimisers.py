"""Cases for optimisers: the options, on parameters of several shapes, many steps."""

from dataclasses import dataclass, field

import numpy as np

from .spec import Dice

# A number, one element, a vector, a matrix, and one beyond what is updated as a bundle.
SHAPES = ((), (1,), (7,), (5, 3))
MATRICES = ((1, 1), (5, 3), (3, 5), (16, 16))  # Muon is for matrices alone
LARGE_SHAPE = (33, 1031)
STEPS = 5
BFLOAT16_ROUNDOFF = 2.0**-9


@dataclass(frozen=True)
class OptimiserCase:
    """Options of an optimiser; gradients are drawn, some of them zero or missing.

    With `groups`, the last parameters form a group of their own with these options.
    """

    options: dict
    group: dict = field(default_factory=dict)
    shapes: tuple = SHAPES
    inner_roundoff: float = 0.0  # of a rule that computes in a lower precision

    def __str__(self) -> str:
        words = [f"{k}={v}" for k, v in self.options.items()]
        words += [f"group: {k}={v}" for k, v in self.group.items()]
        return ", ".join(words) or "defaults"

    def draw(self, dice: Dice) -> tuple[dict, list[list]]:
        """Initial parameters by name, and for each step a gradient or None for each."""
        rng = dice.rng
        shapes = [*self.shapes, LARGE_SHAPE] if dice.large else list(self.shapes)
        scale = dice.scale()
        parameters = {
            f"p{i}": np.asarray(rng.standard_normal(shape))
            for i, shape in enumerate(shapes)
        }
        steps = [
            [self._gradient(rng, shape, scale) for shape in shapes]
            for _ in range(STEPS)
        ]
        return parameters, steps

    @staticmethod
    def _gradient(rng, shape, scale):
        kind = rng.random()
        if kind < 0.1:
            return None
        if kind < 0.2:
            return np.zeros(shape)
        return np.asarray(rng.standard_normal(shape) * scale)


@dataclass(frozen=True)
class QuadraticCase:
    """Options of an optimiser that calls a closure: the minimum of a quadratic form,
    or of one with waves, along which no line is convex.

    The steps end well before they converge: whether that has happened yet is a matter
    of rounding, and one more iteration or one less is no small difference.
    """

    options: dict
    waves: float = 0.0
    dtypes: tuple = (np.float32,)

    def __str__(self) -> str:
        shown = ", ".join(f"{k}={v}" for k, v in self.options.items()) or "defaults"
        return f"{shown}, waves of {self.waves}" if self.waves else shown

    def draw(self, dice: Dice) -> tuple[dict, tuple]:
        """The start, and A (positive definite), b and c of x'Ax/2 - b'x - c'cos(4x)."""
        n = int(dice.rng.choice((8, 12, 30)))
        root = dice.rng.standard_normal((n, n))
        A = root @ root.T + np.eye(n)
        start, b = dice.rng.standard_normal(n), dice.rng.standard_normal(n)
        return {"x": start}, (A, b, np.full(n, self.waves))


@dataclass(frozen=True)
class SparseCase:
    """Options of an optimiser for sparse gradients: random rows, some named twice."""

    options: dict

    def __str__(self) -> str:
        return ", ".join(f"{k}={v}" for k, v in self.options.items()) or "defaults"

    def draw(self, dice: Dice) -> tuple[dict, tuple]:
        """The parameter, and rows and values of each step's gradient."""
        rows = 1031 if dice.large else int(dice.rng.choice((1, 3, 20)))
        steps = []
        for _ in range(STEPS):
            named = dice.rng.integers(0, rows, int(dice.rng.integers(1, 9)))
            steps += [named, dice.rng.standard_normal((len(named), 4)) * dice.scale()]
        return {"p": dice.rng.standard_normal((rows, 4))}, tuple(steps)


CASES = {
    "optim.LBFGS": [
        QuadraticCase({"max_iter": 2}),
        QuadraticCase({"lr": 0.1, "max_iter": 3, "history_size": 2}),
        QuadraticCase({"line_search_fn": "strong_wolfe", "max_iter": 2}),
        # From steps that are too long the search comes back.
        *(
            QuadraticCase(
                {
                    "lr": lr,
                    "line_search_fn": "strong_wolfe",
                    "max_iter": 2,
                    "max_eval": 20,
                }
            )
            for lr in (3, 30)
        ),
        # The evaluations end it, not the iterations.
        QuadraticCase({"lr": 0.1, "max_iter": 6, "max_eval": 3}),
        QuadraticCase({"lr": 0.1, "max_iter": 6, "max_eval": 1}),
        *(
            QuadraticCase(
                {
                    "lr": lr,
                    "line_search_fn": "strong_wolfe",
                    "max_iter": 4,
                    "max_eval": evaluations,
                }
            )
            for lr in (1, 30.0)
            for evaluations in (2, 3, 4)
        ),
        # A small change ends it, of the weights or of the loss, or a small gradient.
        *(
            QuadraticCase({"lr": 0.1, "max_iter": 6, name: tolerance})
            for name, tolerance in (
                ("tolerance_change", 0.05),
                ("tolerance_change", 0.3),
                ("tolerance_change", 3.0),
                ("tolerance_grad", 3.0),
            )
        ),
        # Cubics without a lowest point, and losses that rise again beyond it.
        *(
            QuadraticCase(
                {
                    "lr": lr,
                    "line_search_fn": "strong_wolfe",
                    "max_iter": 1,
                    "max_eval": 8,
                },
                waves=waves,
                dtypes=(np.float64,),  # in float32 rounding decides which way it goes
            )
            for lr, waves in ((0.003, 30.0), (0.003, 300.0), (30.0, 3.0), (300.0, 30.0))
        ),
    ],
    "optim.SparseAdam": [
        SparseCase({}),
        SparseCase({"lr": 0.1, "betas": (0.5, 0.9), "maximize": True}),
    ],
    "optim.SGD": [
        OptimiserCase({}),
        OptimiserCase({"lr": 0.1, "momentum": 0.9}),
        OptimiserCase({"lr": 0.1, "momentum": 0.9, "dampening": 0.5}),
        OptimiserCase({"lr": 0.1, "momentum": 0.9, "nesterov": True}),
        OptimiserCase({"lr": 0.1, "weight_decay": 0.1, "maximize": True}),
        OptimiserCase(
            {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1},
            {"lr": 0.01, "momentum": 0.0},
        ),
    ],
    "optim.Adam": [
        OptimiserCase({}),
        OptimiserCase({"lr": 0.1, "betas": (0.5, 0.9), "eps": 1e-3}),
        OptimiserCase({"weight_decay": 0.1}),
        OptimiserCase({"weight_decay": 0.1, "decoupled_weight_decay": True}),
        OptimiserCase({"amsgrad": True, "maximize": True}),
        OptimiserCase({"lr": 0.01}, {"lr": 0.1, "betas": (0.8, 0.9)}),
    ],
    "optim.Adamax": [
        OptimiserCase({}),
        OptimiserCase({"lr": 0.1, "betas": (0.5, 0.9), "eps": 1e-3}),
        OptimiserCase({"weight_decay": 0.1, "maximize": True}, {"lr": 0.1}),
    ],
    "optim.NAdam": [
        OptimiserCase({}),
        OptimiserCase({"betas": (0.5, 0.9), "momentum_decay": 0.1, "maximize": True}),
        OptimiserCase({"weight_decay": 0.1}),
        OptimiserCase(
            {"weight_decay": 0.1, "decoupled_weight_decay": True}, {"lr": 0.1}
        ),
    ],
    "optim.RAdam": [
        OptimiserCase({}),
        OptimiserCase({"betas": (0.5, 0.6), "eps": 1e-3}),  # rectified at step 4
        OptimiserCase({"weight_decay": 0.1, "maximize": True}),
        OptimiserCase(
            {"weight_decay": 0.1, "decoupled_weight_decay": True}, {"lr": 0.1}
        ),
    ],
    "optim.Adagrad": [
        OptimiserCase({}),
        OptimiserCase({"lr": 0.1, "lr_decay": 0.5, "initial_accumulator_value": 0.1}),
        OptimiserCase({"weight_decay": 0.1, "maximize": True}, {"lr": 0.1}),
    ],
    "optim.Adadelta": [
        OptimiserCase({}),
        OptimiserCase({"lr": 0.1, "rho": 0.5, "eps": 1e-3}),
        OptimiserCase({"weight_decay": 0.1, "maximize": True}, {"rho": 0.3}),
    ],
    "optim.RMSprop": [
        OptimiserCase({}),
        OptimiserCase({"momentum": 0.9, "alpha": 0.5}),
        OptimiserCase({"centered": True, "eps": 1e-3}),
        OptimiserCase({"centered": True, "momentum": 0.5, "weight_decay": 0.1}),
        OptimiserCase({"maximize": True}, {"lr": 0.1, "alpha": 0.9}),
    ],
    "optim.Rprop": [
        OptimiserCase({}),
        OptimiserCase({"lr": 0.1, "etas": (0.3, 1.5), "step_sizes": (1e-3, 0.5)}),
        OptimiserCase({"maximize": True}, {"lr": 0.1}),
    ],
    "optim.ASGD": [
        OptimiserCase({}),
        OptimiserCase({"lr": 0.1, "lambd": 0.1, "alpha": 0.5, "t0": 2}),
        OptimiserCase({"weight_decay": 0.1, "maximize": True}, {"lr": 0.1}),
    ],
    "optim.Adafactor": [
        OptimiserCase({}),
        OptimiserCase({"lr": 0.1, "beta2_decay": -0.5, "d": 2.0}),
        OptimiserCase({"weight_decay": 0.1, "maximize": True}, {"lr": 0.1}),
    ],
    "optim.Muon": [
        # PyTorch orthogonalises in bfloat16, whatever the parameters' dtype.
        OptimiserCase(options, group, MATRICES, BFLOAT16_ROUNDOFF)
        for options, group in (
            ({}, {}),
            ({"lr": 0.1, "momentum": 0.5, "nesterov": False}, {}),
            ({"adjust_lr_fn": "match_rms_adamw"}, {"lr": 0.1}),
        )
    ],
    "optim.AdamW": [
        OptimiserCase({}),
        OptimiserCase({"lr": 0.1, "weight_decay": 0.5, "amsgrad": True}),
        OptimiserCase({"maximize": True}, {"weight_decay": 0.0}),
    ],
}
