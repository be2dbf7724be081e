"""What a lesson writes into the dashboard, and when."""

from collections.abc import Callable
from dataclasses import asdict

import numpy as np

from .board import Board
from .lesson import Lesson, Variant, predictions, targets
from .lockstep import Experiment, Stop, as_array
from .outcome import Outcome
from .tables import verdict_markdown

# How many points of each curve the dashboard gets: enough to see, few enough that
# logging stays a small part of the run.
LOSS_POINTS = 120
LAYER_POINTS = 12  # norms and differences of every layer
HISTOGRAM_POINTS = 5
WATCH_POINTS = 6  # pictures that move

# Columns of the HParams table beside the settings. It takes its columns from the first
# trial of a run, so that every trial has to have them all.
VARIED = ("width", "depth", "activation", "penalty")


class Journal:
    """The entries of one lesson; without a board, none."""

    def __init__(
        self,
        board: Board | None,
        lesson: Lesson,
        tag: str,
        variant: Variant,
        sides: dict[str, Experiment],
        outcome: Callable[[int], Outcome],
    ):
        self.board = board
        self.lesson = lesson
        self.tag = tag
        self.variant = variant.name
        self.measured = lesson.measures_of(variant)
        self.varied = {k: v for k, v in variant.options.items() if k in VARIED}
        self.sides = sides
        self.outcome = outcome
        self.dtype = np.dtype(outcome(0).settings.dtype)
        self.steps = sides["scratch"].steps

    def step(self, stop: Stop) -> None:
        """After an update: losses often, layers seldom, histograms a few times."""
        if self.board is None:
            return
        if self._due(stop, LOSS_POINTS):
            losses = {"scratch": stop.mine, "torch_ref": stop.reference}
            self._scalars("loss", losses, stop)
            gap = abs(stop.mine - stop.reference)
            relative = gap / (abs(stop.reference) or gap) if gap else 0.0
            self._difference("/log10_rel_diff loss", relative, stop)
            worst = max(stop.differences.values(), default=0.0)
            self._difference("/log10_rel_diff worst tensor", worst, stop)
        if self._due(stop, LAYER_POINTS):
            self._layers(stop)
        if self._due(stop, HISTOGRAM_POINTS):
            self._histograms(stop)

    def watch(self, stop: Stop) -> None:
        """After an update: the pictures that move, a few times."""
        due = self.lesson.watch and self._due(stop, WATCH_POINTS)
        if self.board is not None and due:
            self._pictures(self.lesson.watch, stop)

    def measures(self, stop: Stop) -> None:
        """After an epoch: how good both sides are."""
        if self.board is None:
            return
        for part in ("train", "test"):
            if (
                getattr(self.sides["scratch"], "x" if part == "train" else "x_test")
                is None
            ):
                continue
            outputs, target = predictions(self.sides, part), targets(self.sides, part)
            for name, measure in self.measured.items():
                values = {side: measure(y, target) for side, y in outputs.items()}
                self._scalars(f"{name} {part}", values, stop)

    def end(self, outline, stop: Stop) -> list[str]:
        """Pictures, the verdict as text, and the trial; what could not be drawn."""
        if self.board is None:
            return []
        self._histograms(stop)
        missing = self._pictures((*self.lesson.figures, *self.lesson.watch), stop)
        self.board.picture(
            "compare",
            f"{self.tag}/verdict",
            verdict_markdown(outline),
            stop.number,
            self.variant,
        )
        worst = outline.report.worst
        self.board.trial(
            f"{self.tag} trial",
            {
                "lesson": self.lesson.name,
                "variant": self.variant,
                **dict.fromkeys(VARIED, "-"),
                **self.varied,
                **asdict(outline.settings),
            },
            {
                "trial/match": float(outline.ok),
                "trial/worst score": min(worst.score, 1e30) if worst else 0.0,
                "trial/loss": float(stop.mine),
                "trial/measure": next(
                    (v["scratch"] for v in outline.results.values()), float("nan")
                ),
            },
            self.variant,
        )
        self.board.flush()
        return missing

    def _due(self, stop: Stop, points: int) -> bool:
        return stop.number == 1 or stop.number % max(self.steps // points, 1) == 0

    def _scalars(self, name: str, values: dict[str, float], stop: Stop) -> None:
        tag = f"{self.tag}/{name}"
        self.board.scalars(tag, values, stop.number, self.variant)

    def _difference(self, name: str, relative: float, stop: Stop) -> None:
        self.board.difference(
            f"{self.tag}{name}", relative, self.dtype, stop.number, self.variant
        )

    def _layers(self, stop: Stop) -> None:
        for name, relative in stop.differences.items():
            self._difference(f" differences/{name}", relative, stop)
        for side, e in self.sides.items():
            lr = float(e.optimizer.param_groups[0]["lr"])
            self._scalars("learning_rate", {side: lr}, stop)
            for name, p in e.parameters.items():
                for what, x in (("gradient", p.grad), ("weight", p.data)):
                    if x is None:
                        continue
                    norm = float(np.linalg.norm(as_array(x)))
                    tag = f"{self.tag} norms/{what} {name}"
                    self.board.scalars(tag, {side: norm}, stop.number, self.variant)

    def _histograms(self, stop: Stop) -> None:
        for what, attribute in (("gradient", "grad"), ("weight", "data")):
            for name in self.sides["scratch"].parameters:
                found = {
                    side: getattr(e.parameters[name], attribute)
                    for side, e in self.sides.items()
                }
                if any(x is None for x in found.values()):
                    continue  # stopped by hand between zero_grad and backward
                arrays = {side: as_array(x).reshape(-1) for side, x in found.items()}
                tag = f"{self.tag} histograms/{what} {name}"
                self.board.histograms(tag, arrays, stop.number, self.variant)

    def _pictures(self, figures, stop: Stop) -> list[str]:
        outcome = self.outcome(stop.number)
        missing = []
        for figure in dict.fromkeys(figures):
            try:
                for name, picture in figure(outcome):
                    side, _, name = name.rpartition(": ")
                    if isinstance(picture, float):
                        self._scalars(name, {side or "compare": picture}, stop)
                        continue
                    if self.variant and hasattr(picture, "suptitle"):
                        picture.suptitle(self.variant)  # cards do not tell
                    self.board.picture(
                        side or "compare",
                        f"{self.tag}/{name}",
                        picture,
                        stop.number,
                        self.variant,
                    )
            except ImportError as error:
                missing.append(
                    f"no picture {figure.__name__}: it needs {error.name}: "
                    "pip install '.[study]'"
                )
        return missing
