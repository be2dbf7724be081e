"""Cases for averages of weights: of a model, and of arrays."""

from dataclasses import dataclass

import numpy as np

from .spec import Dice

STEPS = 5
INPUTS, OUTPUTS = 4, 3
FLOAT32_ROUNDOFF = 2.0**-24


@dataclass(frozen=True)
class AveragedModelCase:
    """Which average an AveragedModel takes of a small model with buffers.

    `average` names a function of swa_utils, with its options; empty for the default.
    """

    average: str = ""
    options: tuple = ()
    use_buffers: bool = False
    inner_roundoff: float = 0.0  # of a weight that is computed in a lower precision

    def __str__(self) -> str:
        words = [self.average or "defaults", *map(str, self.options)]
        return ", ".join([*words, *(["buffers too"] if self.use_buffers else [])])

    @property
    def counts(self) -> bool:
        """Whether a buffer of integers takes part: PyTorch cannot average one so."""
        return not (self.use_buffers and "multi" in self.average)

    def draw(self, dice: Dice) -> tuple[np.ndarray, ...]:
        """Weight, bias and buffer of each step, and an input for the end."""
        rng, scale = dice.rng, dice.scale()
        shapes = [(OUTPUTS, INPUTS), (OUTPUTS,), (OUTPUTS,)] * STEPS
        drawn = [rng.standard_normal(shape) * scale for shape in shapes]
        return (*drawn, rng.standard_normal((2, INPUTS)))


@dataclass(frozen=True)
class AverageCase:
    """Arguments of a function that makes a function of (averaged, current, n)."""

    arguments: tuple = ()

    def __str__(self) -> str:
        return ", ".join(map(str, self.arguments)) or "defaults"

    def draw(self, dice: Dice) -> tuple[np.ndarray, ...]:
        """The first average and what is taken in at each step."""
        shape = tuple(int(n) for n in dice.rng.integers(1, 9, 2))
        scale = dice.scale()
        return tuple(dice.rng.standard_normal(shape) * scale for _ in range(STEPS + 1))


_AVERAGES = {
    "AveragedModel": [
        AveragedModelCase(),
        AveragedModelCase(use_buffers=True),
        AveragedModelCase("get_swa_avg_fn"),
        AveragedModelCase("get_ema_avg_fn"),
        AveragedModelCase("get_ema_avg_fn", (0.7,), use_buffers=True),
        AveragedModelCase("get_ema_multi_avg_fn", (0.3,)),
        AveragedModelCase("get_ema_multi_avg_fn", use_buffers=True),
        # PyTorch divides 1 by a count in float32, whatever the model's dtype.
        AveragedModelCase("get_swa_multi_avg_fn", inner_roundoff=FLOAT32_ROUNDOFF),
        AveragedModelCase("get_swa_multi_avg_fn", (), True, FLOAT32_ROUNDOFF),
    ],
    "get_ema_avg_fn": [AverageCase(), AverageCase((0.7,)), AverageCase((1.0,))],
    "get_ema_multi_avg_fn": [AverageCase(), AverageCase((0.7,)), AverageCase((0.0,))],
    "get_swa_avg_fn": [AverageCase()],
    "get_swa_multi_avg_fn": [AverageCase()],
}

CASES = {f"optim.swa_utils.{name}": cases for name, cases in _AVERAGES.items()}
