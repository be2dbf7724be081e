"""What a lesson is made of: trainings of a pair, or demonstrations with numbers."""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace

import numpy as np
import torch

from twofold import scratch, torch_ref

from ..sides.arrays import TORCH_DTYPE, to_torch
from ..sides.modules import configure_compiler, without_tf32
from .dataset import Dataset
from .lockstep import Experiment

TREES = {"scratch": scratch, "torch_ref": torch_ref}
PARTS = ("x_train", "y_train", "x_test", "y_test")


@dataclass(frozen=True)
class Settings:
    """What a user may choose; a lesson has its own defaults."""

    seed: int = 0
    epochs: int = 30
    batch_size: int = 64
    lr: float = 1e-3
    dtype: str = "float32"
    device: str = "cpu"
    compiled: bool = False


@dataclass(frozen=True)
class Variant:
    """One of the trainings that a lesson races against each other.

    `options` go to the lesson's `build`, `settings` replace the lesson's defaults, and
    `measures`, if given, its measures. `diverges` says that the loss is meant to leave
    the finite numbers.
    """

    name: str = ""
    options: dict = field(default_factory=dict)
    settings: dict = field(default_factory=dict)
    diverges: bool = False
    measures: dict[str, Callable] | None = None


@dataclass(frozen=True)
class Lesson:
    """An experiment on data that teaches one idea with a pair.

    `build(side, **options)` makes the experiment of either side from a `LessonSide`:
    scratch and torch_ref have the same names, so one function serves both.
    `prepare(tree, arrays)`, if given, first turns the raw arrays ("x_train", "y_train",
    "x_test", "y_test") into those that are learned from. `measures` turn outputs and
    targets into numbers. `figures` turn an `Outcome` into pictures at the end, `watch`
    several times on the way. `options` may be set by the user, or are what a variant is
    about; those named in `data_options` go to `data`, the others to `build`.
    """

    name: str
    title: str
    shows: str
    data: Callable[..., Dataset]
    defaults: Settings
    build: Callable[..., Experiment]
    prepare: Callable | None = None
    measures: dict[str, Callable] = field(default_factory=dict)
    figures: tuple[Callable, ...] = ()
    watch: tuple[Callable, ...] = ()
    findings: Callable | None = None  # Outcome -> lines to print at the end
    variants: tuple[Variant, ...] = (Variant(),)
    conclude: Callable | None = None  # outlines of all variants -> lines
    options: dict = field(default_factory=dict)
    data_options: tuple[str, ...] = ()
    accepts: Callable | None = None  # raises DataError for options that make no sense

    def load_data(self, options: dict) -> Dataset:
        chosen = self.options | options
        if self.accepts is not None:
            self.accepts(**chosen)
        return self.data(**{name: chosen[name] for name in self.data_options})

    def settings(self, variant: Variant, chosen: dict) -> Settings:
        """The defaults, then what the user chose, then what the variant is about."""
        return replace(self.defaults, **chosen | variant.settings)

    def measures_of(self, variant: Variant) -> dict[str, Callable]:
        return self.measures if variant.measures is None else variant.measures

    def make(self, side: "LessonSide", variant: Variant, options: dict) -> Experiment:
        """The experiment of one side, drawn from the seed."""
        chosen = self.options | options | variant.options
        chosen = {k: v for k, v in chosen.items() if k not in self.data_options}
        side.tree.manual_seed(side.settings.seed)
        return self.build(side, **chosen)


@dataclass(frozen=True)
class Demonstration:
    """A lesson without training: `show(stage)` checks pairs, prints and draws."""

    name: str
    title: str
    shows: str
    show: Callable
    defaults: Settings = Settings()


@dataclass
class LessonSide:
    """What one side's experiment is made of.

    `arrays` are the prepared data, `earlier` the reference's final weights of the
    variants trained before, by variant and name; `done` counts the updates that were
    made before an interruption, which a loop only passes over.
    """

    tree: object
    arrays: dict[str, np.ndarray]
    settings: Settings
    dtype: np.dtype
    earlier: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)
    done: int = 0

    def array(self, x: np.ndarray):
        """Data as an array of this side: no gradient leads to it."""
        if np.issubdtype(x.dtype, np.floating):
            x = x.astype(self.dtype)
        if self.tree is torch_ref:
            return to_torch(x, self.settings.device)
        return scratch.detach(x)

    def ready(self, model):
        """A model whose float32 draws are widened or not, on the chosen device."""
        if self.tree is not torch_ref:
            return model.to(self.dtype)
        if self.settings.device != "cpu":
            without_tf32()
            _draw_masks_on_cpu(model)
        model = model.to(self.settings.device, TORCH_DTYPE[np.dtype(self.dtype)])
        if self.settings.compiled:
            configure_compiler()
            model.compile()
        return model

    def generator(self):
        """The generator that shuffles, started from the seed."""
        return self.tree.Generator().manual_seed(self.settings.seed)

    def train(
        self, model, criterion, optimizer, loop=None, arrays=None, **loop_options
    ) -> Experiment:
        """The experiment, with mini-batches unless another `loop` is given.

        `arrays` replace the lesson's where they have the same names. A loop is one of
        `training`'s, or any that takes what they take.
        """
        training, s = self.tree.training, self.settings
        data = {k: self.array(x) for k, x in (self.arrays | (arrays or {})).items()}
        x, y = data["x_train"], data["y_train"]
        options = {"done": self.done, **loop_options}
        if loop in (None, training.mini_batch):
            loop, per_epoch = training.mini_batch, math.ceil(len(x) / s.batch_size)
            options |= {"batch_size": s.batch_size, "generator": self.generator()}
        elif loop is training.single_sample:
            per_epoch = len(x)
            options |= {"generator": self.generator()}
        else:
            per_epoch = 1
        return Experiment(
            model,
            criterion,
            optimizer,
            loop(model, criterion, optimizer, x, y, epochs=s.epochs, **options),
            x,
            y,
            data.get("x_test"),
            data.get("y_test"),
            steps_per_epoch=per_epoch,
            epochs=s.epochs,
            max_norm=loop_options.get("max_norm"),
        )


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


def command(lesson, settings: Settings, options: dict) -> str:
    """The line that runs a lesson with these settings and options again."""
    words = [f"twofold run {lesson.name} --dtype {settings.dtype}"]
    for name, value in asdict(settings).items():
        if name == "compiled":
            words += ["--compile"] if value else []
        elif name != "dtype" and value != getattr(lesson.defaults, name):
            words.append(f"--{name.replace('_', '-')} {value}")
    words += [f"--set {name}={value}" for name, value in options.items()]
    return " ".join(words)


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
