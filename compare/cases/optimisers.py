"""Cases for optimisers: the options, on parameters of several shapes, many steps."""

from dataclasses import dataclass, field

import numpy as np

from .spec import Dice

# A number, one element, a vector, a matrix, and one beyond what is updated as a bundle.
SHAPES = ((), (1,), (7,), (5, 3))
LARGE_SHAPE = (33, 1031)
STEPS = 6


@dataclass(frozen=True)
class OptimiserCase:
    """Options of an optimiser; gradients are drawn, some of them zero or missing.

    With `groups`, the last parameters form a group of their own with these options.
    """

    options: dict
    group: dict = field(default_factory=dict)
    training: bool = True

    def __str__(self) -> str:
        words = [f"{k}={v}" for k, v in self.options.items()]
        words += [f"group: {k}={v}" for k, v in self.group.items()]
        return ", ".join(words) or "defaults"

    def draw(self, dice: Dice) -> tuple[dict, list[list]]:
        """Initial parameters by name, and for each step a gradient or None for each."""
        rng = dice.rng
        shapes = [*SHAPES, LARGE_SHAPE] if dice.large else list(SHAPES)
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


CASES = {
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
    "optim.AdamW": [
        OptimiserCase({}),
        OptimiserCase({"lr": 0.1, "weight_decay": 0.5, "amsgrad": True}),
        OptimiserCase({"maximize": True}, {"weight_decay": 0.0}),
    ],
}
