"""Cases for the clipping of gradients: norms and bounds, over groups of parameters."""

import math
from dataclasses import dataclass

import numpy as np

from .spec import Dice

SHAPES = ((), (1,), (7,), (5, 3), (2, 3, 4))
# No larger: PyTorch adds up one number after the other, so that its own norm of
# hundreds can be imprecise, and found to be.
LARGE_SHAPE = (3, 33)


@dataclass(frozen=True)
class ClippingCase:
    """Options of a function of gradients; these are drawn, some of them missing.

    `planted` is put into one of them.
    """

    options: dict
    planted: float | None = None

    def __str__(self) -> str:
        words = [f"{k}={v}" for k, v in self.options.items()]
        words += [] if self.planted is None else [f"a gradient holds {self.planted}"]
        return ", ".join(words) or "defaults"

    def draw(self, dice: Dice) -> tuple[np.ndarray | None, ...]:
        """A gradient, or None, for each parameter."""
        rng, scale = dice.rng, dice.scale()
        shapes = [*SHAPES, LARGE_SHAPE] if dice.large else list(SHAPES)
        gradients = [
            None if rng.random() < 0.2 else np.asarray(rng.standard_normal(s) * scale)
            for s in shapes
        ]
        if self.planted is not None:
            gradients[2] = rng.standard_normal(SHAPES[2]) * scale
            gradients[2][int(rng.integers(len(gradients[2])))] = self.planted
        return tuple(gradients)


_NORMS = (2.0, 1.0, 3.0, 0.5, 0.0, math.inf, -math.inf)
_BAD = (math.inf, -math.inf, math.nan)

_NORM_CASES = [
    *(ClippingCase({"norm_type": k}) for k in _NORMS),
    *(ClippingCase({}, planted) for planted in _BAD),
    ClippingCase({"error_if_nonfinite": True}),
    *(ClippingCase({"error_if_nonfinite": True}, planted) for planted in _BAD),
]


def _with_bound(case: ClippingCase, bound: float) -> ClippingCase:
    return ClippingCase({"max_norm": bound, **case.options}, case.planted)


CASES = {
    "nn.utils.get_total_norm": _NORM_CASES,
    "nn.utils.clip_grad_norm_": [
        *(_with_bound(case, 1.0) for case in _NORM_CASES),
        ClippingCase({"max_norm": 0.0}),
        ClippingCase({"max_norm": 1e6}),
    ],
    "nn.utils.clip_grads_with_norm_": [
        ClippingCase({"max_norm": 1.0}),
        ClippingCase({"max_norm": 0.01}),
        *(ClippingCase({"max_norm": 1.0}, planted) for planted in _BAD),
    ],
    "nn.utils.clip_grad_value_": [
        ClippingCase({"clip_value": 0.5}),
        ClippingCase({"clip_value": 0.0}),
        *(ClippingCase({"clip_value": 3}, planted) for planted in _BAD),
    ],
}
