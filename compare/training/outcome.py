"""What both sides know at some point of a training, for the pictures of it."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from .dataset import Dataset
from .lesson import (
    TREES,
    LessonSide,
    Settings,
    predict,
    predictions,
    targets,
)
from .lockstep import Experiment, as_array


@dataclass(frozen=True)
class Outcome:
    """What both sides know at some point of a training."""

    data: Dataset
    sides: dict[str, Experiment]
    settings: Settings
    step: int = 0
    paths: dict[str, list[np.ndarray]] = field(default_factory=dict)  # of few weights

    @cached_property
    def target(self) -> np.ndarray:
        return targets(self.sides, "test")

    @cached_property
    def outputs(self) -> dict[str, np.ndarray]:
        """For the test samples, by side."""
        return predictions(self.sides, "test")

    @cached_property
    def weights(self) -> dict[str, dict[str, np.ndarray]]:
        return {
            side: {n: as_array(p.data) for n, p in e.parameters.items()}
            for side, e in self.sides.items()
        }

    def predict(self, x: np.ndarray, side: str = "scratch") -> np.ndarray:
        """The outputs of one side for other inputs."""
        part = LessonSide(TREES[side], {}, self.settings, np.dtype(self.settings.dtype))
        return predict(part.tree, self.sides[side].model, part.array(np.asarray(x)))
