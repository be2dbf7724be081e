"""What a lesson is made of."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch

import scratch
import torch_ref

from ..data import Dataset
from ..lockstep import Experiment
from ..sides import TORCH_DTYPE, to_torch, without_tf32

TREES = {"scratch": scratch, "torch_ref": torch_ref}


@dataclass(frozen=True)
class Settings:
    """What a user may choose; a lesson has its own defaults."""

    seed: int = 0
    epochs: int = 30
    batch_size: int = 64
    lr: float = 1e-3
    dtype: str = "float32"
    device: str = "cpu"


@dataclass(frozen=True)
class Lesson:
    """An experiment on data that teaches one idea with a pair.

    `build(tree, arrays, settings, dtype)` makes the experiment of either side: `tree`
    is scratch or torch_ref, which have the same names, so one function serves both.
    `prepare(tree, arrays)`, if given, first turns the raw arrays ("x_train", "y_train",
    "x_test", "y_test") into those that are learned from. `measures` turn outputs and
    targets into numbers, `figures` an `Outcome` into pictures for the dashboard.
    """

    name: str
    title: str
    shows: str
    data: Callable[[], Dataset]
    defaults: Settings
    build: Callable[..., Experiment]
    prepare: Callable | None = None
    measures: dict[str, Callable] = field(default_factory=dict)
    figures: tuple[Callable, ...] = ()
    findings: Callable | None = None  # lines to print at the end


def as_side(tree, x: np.ndarray, settings: Settings, dtype):
    """Data as the arrays of one side: no gradient leads to them."""
    if np.issubdtype(x.dtype, np.floating):
        x = x.astype(dtype)
    return to_torch(x, settings.device) if tree is torch_ref else scratch.detach(x)


def in_precision(tree, model, settings: Settings, dtype):
    """A model whose float32 draws are widened or not, on the device that was chosen."""
    if tree is not torch_ref:
        return model.to(dtype)
    if settings.device != "cpu":
        without_tf32()
        _draw_masks_on_cpu(model)
    return model.to(settings.device, TORCH_DTYPE[np.dtype(dtype)])


def predict(tree, model, x) -> np.ndarray:
    """The outputs for `x`, with dropout off."""
    model.eval()
    if tree is torch_ref:
        with torch.no_grad():
            output = model(x).cpu().numpy()
    else:
        output, _ = model(x)
    model.train()
    return output


def predictions(sides: dict[str, Experiment], part: str) -> dict[str, np.ndarray]:
    """Both sides' outputs for the "train" or "test" samples."""
    return {
        side: predict(TREES[side], e.model, e.x_test if part == "test" else e.x)
        for side, e in sides.items()
    }


def targets(sides: dict[str, Experiment], part: str) -> np.ndarray:
    mine = sides["scratch"]
    return mine.y_test if part == "test" else mine.y


class _CpuMaskDropout(torch.nn.Dropout):
    """Dropout on a GPU with the mask that the CPU's stream draws."""

    def forward(self, x):
        if not self.training or self.p == 0 or self.p == 1:
            return super().forward(x)
        mask = torch.empty(x.shape, dtype=x.dtype).bernoulli_(1 - self.p)
        return x * mask.div_(1 - self.p).to(x.device)


def _draw_masks_on_cpu(model) -> None:
    """A GPU has a random stream of its own; masks are drawn on the CPU and copied."""
    for module in model.modules():
        if type(module) is torch.nn.Dropout:
            module.__class__ = _CpuMaskDropout
