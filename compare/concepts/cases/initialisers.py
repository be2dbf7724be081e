"""Cases for initialisers: options, on arrays of several shapes and layouts."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .spec import Dice

SIZES = (1, 2, 3, 4, 5, 7, 16, 17)
LARGE_SIZES = (33, 257)
MOST = 70_000  # elements


@dataclass(frozen=True)
class InitialiserCase:
    """Options of an initialiser, and how many axes what it fills may have.

    An array is filled as it lies in memory: contiguous, transposed, or every second
    element of another one. `random` if it draws numbers, from the default stream or
    from a generator of its own.
    """

    options: dict
    axes: tuple[int, ...] = (1, 2, 3, 4, 5)
    random: bool = True
    channels: int = 1  # the first axis is a multiple of this
    layouts: tuple[str, ...] = ("contiguous", "transposed", "strided")

    # The stream differs with the dtype, so both are filled in one run.
    dtypes: ClassVar = (np.float64,)

    def __str__(self) -> str:
        return ", ".join(f"{k}={v}" for k, v in self.options.items()) or "defaults"

    def draw(self, dice: Dice) -> tuple[tuple[int, ...], str, bool]:
        """A shape, how it lies in memory, and whether to bring a generator."""
        rng = dice.rng
        sizes = LARGE_SIZES if dice.large else SIZES
        shape = [int(rng.choice(sizes)) for _ in range(int(rng.choice(self.axes)))]
        while math.prod(shape) > MOST:
            shape[int(np.argmax(shape))] //= 2
        shape[0] *= self.channels
        layout = str(rng.choice(self.layouts))
        return tuple(shape), layout, self.random and bool(rng.integers(2))


@dataclass(frozen=True)
class GainCase:
    """Arguments of `calculate_gain`."""

    arguments: tuple

    dtypes: ClassVar = (np.float64,)

    def __str__(self) -> str:
        return ", ".join(map(str, self.arguments))


def _fixed(*all_options: dict, axes=(1, 2, 3, 4, 5), channels=1):
    return [InitialiserCase(o, axes, False, channels) for o in all_options]


def _drawn(*all_options: dict, axes=(1, 2, 3, 4, 5)):
    return [InitialiserCase(options, axes) for options in all_options]


_WEIGHTS = (2, 3, 4, 5)  # axes of what has a fan-in
_KERNELS = (3, 4, 5)

_INITIALISERS = {
    "calculate_gain": [
        *(
            GainCase((name,))
            for name in (
                "linear",
                "conv1d",
                "conv2d",
                "conv3d",
                "conv_transpose1d",
                "conv_transpose2d",
                "conv_transpose3d",
                "sigmoid",
                "tanh",
                "relu",
                "leaky_relu",
                "selu",
            )
        ),
        GainCase(("leaky_relu", 0.2)),
        GainCase(("leaky_relu", 0)),
    ],
    "uniform_": _drawn({}, {"a": -0.3, "b": 0.7}, {"a": 2.0, "b": 2.0}),
    "normal_": _drawn({}, {"mean": -1.5, "std": 0.02}, {"mean": 100.0}, {"std": 0.0}),
    "trunc_normal_": _drawn(
        {},
        {"std": 0.02},
        {"mean": 0.5, "std": 0.8, "a": -1.0, "b": 0.0},
        {"std": 0.5, "a": 0.7, "b": 0.9},  # less than a third of the mass
    ),
    "constant_": _fixed({"val": 0.3}, {"val": -2}, {"val": math.inf}),
    "ones_": _fixed({}),
    "zeros_": _fixed({}),
    "eye_": _fixed({}, axes=(2,)),
    "dirac_": [
        *_fixed({}, axes=_KERNELS),
        *_fixed({"groups": 2}, axes=_KERNELS, channels=2),
        *_fixed({"groups": 3}, axes=_KERNELS, channels=3),
    ],
    "xavier_uniform_": _drawn({}, {"gain": 5 / 3}, axes=_WEIGHTS),
    "xavier_normal_": _drawn({}, {"gain": 0.1}, axes=_WEIGHTS),
    "kaiming_uniform_": _drawn(
        {},
        {"a": math.sqrt(5)},
        {"mode": "fan_out", "nonlinearity": "relu"},
        {"nonlinearity": "tanh"},
        axes=_WEIGHTS,
    ),
    "kaiming_normal_": _drawn(
        {},
        {"a": 0.2, "mode": "fan_out"},
        {"nonlinearity": "linear"},
        axes=_WEIGHTS,
    ),
    "orthogonal_": [  # PyTorch needs a contiguous tensor
        InitialiserCase(options, _WEIGHTS, layouts=("contiguous",))
        for options in ({}, {"gain": 3.0})
    ],
    "sparse_": _drawn({"sparsity": 0.1}, {"sparsity": 0.6, "std": 2.0}, axes=(2,)),
}

CASES = {f"nn.init.{name}": cases for name, cases in _INITIALISERS.items()}
