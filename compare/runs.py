"""Running a lesson: train both sides in lockstep, compare at every step, log, judge."""

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

import numpy as np
import torch

import scratch
import torch_ref

from .board import Board
from .envelope import CHECKPOINTS, judge_training, run_envelope
from .fingerprint import fingerprint
from .journal import Journal
from .lessons.lesson import Lesson, Settings, predict, predictions, targets
from .lockstep import (
    Clock,
    Experiment,
    Lockstep,
    Stop,
    as_array,
    copy_weights,
    initial_differences,
    snapshot,
)
from .numerics import Judgement
from .preparation import prepare
from .report import Report, Row, merge
from .single_step import capture, judge_step

SINGLE_STEPS = (1, 2, 3)  # judged alone at the start, and then every ...
SINGLE_STEP_EVERY = 100  # ... so many steps


class NotFinite(Exception):
    """The loss is no number any more."""


@dataclass
class Outline:
    """What a run of a lesson came to, beside its rows."""

    lesson: str
    settings: Settings
    report: Report
    steps: int
    results: dict[str, dict[str, float]]  # measure -> side -> value
    equal: dict[str, str]  # what was bit-equal, in words
    findings: list[str]
    clock: Clock
    judged_steps: int  # how many single steps
    judged_until: int  # the last checkpoint of the envelope
    notes: list[str] = field(default_factory=list)
    interrupted: bool = False

    @property
    def ok(self) -> bool:
        return self.report.ok

    def to_json(self) -> dict:
        return {
            **self.report.to_json(),
            "lesson": self.lesson,
            "settings": asdict(self.settings),
            "steps": self.steps,
            "results": self.results,
            "equal": self.equal,
            "findings": self.findings,
            "clock": {k: round(v, 4) for k, v in self.clock.seconds.items()},
        }


class LessonRun:
    """One lesson in one precision."""

    def __init__(
        self,
        lesson: Lesson,
        settings: Settings,
        board: Board | None,
        progress: Callable[[str], None] = lambda phase: None,
    ):
        self.lesson = lesson
        self.settings = settings
        self.board = board
        self.progress = progress
        self.dtype = np.dtype(settings.dtype)
        self.data = lesson.data()
        self.tag = lesson.name + (
            "" if settings.dtype == "float32" else f"-{self.dtype}"
        )
        self.notes: list[str] = []
        self.rows: list[Row] = []
        self.judged_steps = 0
        self.place: str | None = None  # the first judged step and tensor that differ

    def build(self, tree, dtype) -> Experiment:
        return self.lesson.build(tree, self.arrays, self.settings, dtype)

    @property
    def steps_per_epoch(self) -> int:
        return math.ceil(len(self.data.x_train) / self.settings.batch_size)

    @property
    def steps(self) -> int:
        return self.steps_per_epoch * self.settings.epochs

    def run(self) -> Outline:
        self.arrays, self.rows = prepare(self.lesson, self.data, self.dtype)
        mine = self.build(scratch, self.dtype)
        reference = self.build(torch_ref, self.dtype)
        self.sides = {"scratch": mine, "torch_ref": reference}
        equal = self._start_equal()
        journal = Journal(self.board, self.lesson, self.tag, self.sides, self.steps)
        walk = Lockstep(mine, reference)
        clock = walk.clock
        weights = {"scratch": {}, "torch_ref": {}}
        interrupted = False
        stop = None
        try:
            state = capture(reference)
            for stop in walk:
                now = time.perf_counter()
                self._require_finite(stop)
                if stop.number in CHECKPOINTS:
                    for side, experiment in self.sides.items():
                        weights[side][stop.number] = snapshot(experiment)
                if self._judges(stop.number):
                    self._judge_single_step(stop, state)
                if self._judges(stop.number + 1):
                    state = capture(reference)
                now = clock.add("judge", now)
                journal.step(stop)
                now = clock.add("log", now)
                if stop.number % self.steps_per_epoch == 0:
                    journal.measures(stop)
                    clock.add("evaluate", now)
                self.progress("train")
        except KeyboardInterrupt:
            interrupted = True
            self.notes.append(f"stopped by hand after {walk.number} steps")
        steps = walk.number
        equal |= self._end_equal(steps)
        if steps and not interrupted:
            self._judge_envelope(weights, reference, steps, clock)
        now = time.perf_counter()
        results, findings = self._results()
        report = Report(
            self.tag,
            self.rows,
            draws=steps,
            seconds=sum(clock.seconds.values()),
            notes=self.notes,
            cause=None if all(r.ok for r in self.rows) else "unsettled",
            command=self._command(),
            place=self.place,
        )
        outline = Outline(
            self.lesson.name,
            self.settings,
            report,
            steps,
            results,
            equal,
            findings,
            clock,
            self.judged_steps,
            max((n for n in weights["scratch"]), default=0),
            self.notes,
            interrupted,
        )
        if stop is not None:
            self.notes += journal.end(outline, stop)
        clock.add("pictures", now)
        return outline

    # What must be equal bit for bit.

    def _start_equal(self) -> dict[str, str]:
        mine, reference = self.sides["scratch"], self.sides["torch_ref"]
        stream = fingerprint()
        if not stream.same:
            self.notes.append(f"{stream}: initial weights are copied from PyTorch")
            copy_weights(mine, reference)
        different = initial_differences(mine, reference)
        self.rows += [_exact_row(f"initial {name}", False) for name in different]
        count = len(mine.parameters)
        if different:
            return {"initial weights": f"{len(different)} of {count} tensors differ"}
        how = "bit-equal" if stream.same else "copied"
        return {"initial weights": f"{how}, {count} tensors"}

    def _end_equal(self, steps: int) -> dict[str, str]:
        same = np.array_equal(
            scratch.random.get_rng_state(), torch.get_rng_state().numpy()
        )
        self.rows.append(_exact_row("random state at the end", same))
        how = "bit-equal" if same else "the random streams have parted"
        return {"batches and masks": f"{how}, {steps} steps"}

    # What must match.

    def _require_finite(self, stop: Stop) -> None:
        if not stop.finite:
            raise NotFinite(
                f"the loss is no longer finite at step {stop.number}: "
                f"scratch {stop.mine}, torch_ref {stop.reference}. "
                "A smaller --lr may help."
            )

    def _judges(self, number: int) -> bool:
        return number in SINGLE_STEPS or number % SINGLE_STEP_EVERY == 0

    def _judge_single_step(self, stop: Stop, state: dict) -> None:
        x, y = (self.arrays[part][stop.batch] for part in ("x_train", "y_train"))
        rows = judge_step(self.build, state, x, y, self.dtype, stop.number)
        if self.place is None:
            wrong = next((row.name for row in rows if not row.ok), None)
            self.place = wrong and f"step {stop.number}: {wrong}"
        rows = [Row(f"one step: {r.name}", r.shape, r.dtype, r.judgement) for r in rows]
        self.rows = merge(self.rows, rows)
        self.judged_steps += 1

    def _search_step(self, until: int) -> None:
        """The weights part though no judged step did: judge every step up to there."""
        with torch.random.fork_rng(devices=[]):
            reference = self.build(torch_ref, self.dtype)
            state = capture(reference)
            for number, step in enumerate(reference.loop, 1):
                loss = float(step.loss)
                batch = as_array(step.batch)
                stop = Stop(number, step.epoch, batch, loss, loss, {})
                self._judge_single_step(stop, state)
                if self.place is not None or number >= until:
                    return
                state = capture(reference)

    def _judge_envelope(self, weights, reference, steps, clock) -> None:
        now = time.perf_counter()
        with torch.random.fork_rng(devices=[]):
            envelope = run_envelope(
                lambda dtype: self.build(torch_ref, dtype),
                self.dtype,
                steps,
                lambda: self.progress("envelope"),
            )
        shapes = {n: tuple(p.shape) for n, p in reference.parameters.items()}
        self.rows += judge_training(
            weights["scratch"], weights["torch_ref"], envelope, shapes, self.dtype
        )
        parted = not all(row.ok for row in self.rows)
        if parted and self.place is None:
            self._search_step(max(weights["scratch"], default=0))
        chaos = envelope.chaotic_from()
        if chaos is not None:
            self.notes.append(
                f"from step {chaos} on training is chaotic (rounding alone moves the "
                "weights by 1% of their way): not judged from there"
            )
        clock.add("envelope", now)

    def _results(self) -> tuple[dict, list[str]]:
        outputs = predictions(self.sides, "test")
        target = targets(self.sides, "test")
        results = {
            f"{name}, test": {
                side: measure(outputs[side], target) for side in self.sides
            }
            for name, measure in self.lesson.measures.items()
        }
        for name, values in results.items():
            gap = abs(values["scratch"] - values["torch_ref"])
            if gap:
                self.notes.append(f"{name} differs by {gap:.1e}")
        findings = []
        if self.lesson.findings:
            mine = self.sides["scratch"]
            findings = self.lesson.findings(
                self.data,
                lambda x: predict(scratch, mine.model, x.astype(self.dtype)),
                outputs["scratch"],
                target,
            )
        return results, findings

    def _command(self) -> str:
        s, d = self.settings, self.lesson.defaults
        changed = [
            f"--{name.replace('_', '-')} {value}"
            for name, value in asdict(s).items()
            if name != "dtype" and value != getattr(d, name)
        ]
        return " ".join([f"twofold run {self.lesson.name} --dtype {s.dtype}", *changed])


def _exact_row(name: str, same: bool) -> Row:
    judgement = Judgement(
        "match" if same else "mismatch",
        0.0 if same else float("inf"),
        "bits",
        "" if same else "not equal bit for bit",
    )
    return Row(name, (), "bits", judgement)
