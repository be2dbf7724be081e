"""Running a lesson: train both sides in lockstep, compare at every step, log, judge."""

import math
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch

from twofold import scratch, torch_ref

from ..concepts.fingerprint import fingerprint
from ..judge.row import Row, exact_row, merge
from ..numerics.scores import LIMIT
from ..report.report import Report
from .board import Board
from .checkpoint import Keeper, restore
from .envelope import CHECKPOINTS, judge_training, run_envelope
from .journal import Journal
from .lesson import Lesson, LessonSide, Settings, Variant, command
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
from .outcome import Outcome
from .outline import Outline
from .preparation import prepare
from .single_step import capture, judge_step, repeats

SINGLE_STEPS = (1, 2, 3)  # judged alone at the start, and then every ...
SINGLE_STEP_EVERY = 100  # ... so many steps
FEW_WEIGHTS = 4  # of which the whole way is kept, to be drawn


class NotFinite(Exception):
    """The loss is no number any more, and was not meant to leave them."""


class LessonRun:
    """One variant of a lesson in one precision.

    `earlier` holds the reference's final weights of the variants before it. With a
    `keeper` the run can go on after an interruption.
    """

    def __init__(
        self,
        lesson: Lesson,
        settings: Settings,
        board: Board | None = None,
        progress: Callable[[str], None] = lambda phase: None,
        variant: Variant | None = None,
        options: dict | None = None,
        earlier: dict[str, dict[str, np.ndarray]] | None = None,
        keeper: Keeper | None = None,
    ):
        self.lesson = lesson
        self.settings = settings
        self.board = board
        self.progress = progress
        self.variant = variant or lesson.variants[0]
        self.options = options or {}
        self.earlier = earlier or {}
        self.keeper = keeper
        self.dtype = np.dtype(settings.dtype)
        self.data = lesson.load_data(self.options | self.variant.options)
        self.tag = lesson.name + (
            "" if settings.dtype == "float32" else f"-{self.dtype}"
        )
        self.name = name_of(lesson, settings, self.variant)
        self.notes: list[str] = []
        self.rows: list[Row] = []
        self.judged_steps = 0
        self.diverged_at: int | None = None
        self.place: str | None = None  # the first judged step and tensor that differ
        self.weights = {"scratch": {}, "torch_ref": {}}  # at the envelope's checkpoints
        self.paths = {"scratch": [], "torch_ref": []}
        self.clock = Clock()

    def build(self, tree, dtype, done: int = 0) -> Experiment:
        side = LessonSide(
            tree, self.arrays, self.settings, np.dtype(dtype), self.earlier, done
        )
        return self.lesson.make(side, self.variant, self.options)

    def run(self) -> Outline:
        self.arrays, self.rows = prepare(self.lesson, self.data, self.dtype)
        kept = self.keeper and self.keeper.load(self.name)
        done = kept["progress"]["number"] if kept else 0
        self.sides = {
            "scratch": self.build(scratch, self.dtype, done),
            "torch_ref": self.build(torch_ref, self.dtype, done),
        }
        equal = self._go_on(kept) if kept else self._start_equal()
        self.journal = Journal(
            self.board,
            self.lesson,
            self.tag,
            self.variant,
            self.sides,
            self._outcome,
        )
        walk = Lockstep(*self.sides.values(), done)
        walk.clock = self.clock
        interrupted, stop = False, None
        try:
            stop = self._walk(walk, equal)
        except KeyboardInterrupt:
            interrupted = True
            self.notes.append(f"stopped by hand after {walk.number} steps")
        steps = walk.number
        equal = equal | self._end_equal(steps)
        if steps and not interrupted:
            self._judge_envelope(steps)
        now = time.perf_counter()
        outcome = self._outcome(steps)
        results, findings = self._results(outcome, interrupted)
        report = Report(
            self.name,
            self.rows,
            draws=steps,
            seconds=sum(self.clock.seconds.values()),
            notes=self.notes,
            cause=None if all(r.ok for r in self.rows) else "unsettled",
            command=command(self.lesson, self.settings, self.options),
            place=self.place,
        )
        outline = Outline(
            self.lesson.name,
            self.settings,
            report,
            self.variant.name,
            steps,
            results,
            equal,
            findings,
            self.clock,
            self.judged_steps,
            max((n for n in self.weights["scratch"]), default=0),
            self.diverged_at,
            interrupted,
        )
        if stop is not None:
            self.notes += self.journal.end(outline, stop)
        if self.keeper and not interrupted:
            self.keeper.write_weights(self.name, self.sides)
        self.clock.add("pictures", now)
        return outline

    def _walk(self, walk: Lockstep, equal: dict[str, str]) -> Stop | None:
        """Both loops to their end; the last stop."""
        reference, clock = self.sides["torch_ref"], self.clock
        state = capture(reference)
        stop = None
        for stop in walk:
            now = time.perf_counter()
            if not stop.finite:
                self._diverged(stop)
                break
            if stop.number in CHECKPOINTS:
                for side, experiment in self.sides.items():
                    self.weights[side][stop.number] = snapshot(experiment)
            if self._judges(stop.number):
                self._judge_single_step(stop, state)
            if self._judges(stop.number + 1):
                state = capture(reference)
            now = clock.add("judge", now)
            self._follow()
            self.journal.step(stop)
            now = clock.add("log", now)
            self.journal.watch(stop)
            now = clock.add("pictures", now)
            if stop.last:
                self.journal.measures(stop)
                now = clock.add("evaluate", now)
            if self.keeper and self.keeper.due:
                self._save(stop.number, equal)
                clock.add("checkpoints", now)
            self.progress("train")
        return stop

    def _outcome(self, step: int) -> Outcome:
        return Outcome(self.data, self.sides, self.settings, step, self.paths)

    def _follow(self) -> None:
        """Keep the way of few enough weights to be drawn."""
        for side, path in self.paths.items():
            shapes = (tuple(p.shape) for p in self.sides[side].parameters.values())
            if sum(map(math.prod, shapes)) <= FEW_WEIGHTS:
                path.append(snapshot(self.sides[side]))

    # An interruption.

    def _save(self, number: int, equal: dict[str, str]) -> None:
        progress = {
            "number": number,
            "equal": equal,
            "rows": [row.to_json() for row in self.rows],
            "notes": self.notes,
            "judged_steps": self.judged_steps,
            "place": self.place,
            "weights": self.weights,
            "paths": self.paths,
            "clock": self.clock.seconds,
        }
        self.keeper.save(self.name, self.sides, progress)

    def _go_on(self, kept: dict) -> dict[str, str]:
        progress = restore(kept, self.sides)
        self.rows = [Row.from_json(row) for row in progress["rows"]]
        self.notes = progress["notes"]
        self.judged_steps = progress["judged_steps"]
        self.place = progress["place"]
        self.weights = progress["weights"]
        self.paths = progress["paths"]
        self.clock.seconds = progress["clock"]
        for _ in range(progress["number"]):
            self.progress("train")
        return progress["equal"]

    # What must be equal bit for bit.

    def _start_equal(self) -> dict[str, str]:
        mine, reference = self.sides["scratch"], self.sides["torch_ref"]
        stream = fingerprint()
        if not stream.same:
            self.notes.append(f"{stream}: initial weights are copied from PyTorch")
            copy_weights(mine, reference)
        different = initial_differences(mine, reference)
        self.rows += [exact_row(f"initial {name}", False) for name in different]
        count = len(mine.parameters)
        if different:
            return {"initial weights": f"{len(different)} of {count} tensors differ"}
        how = "bit-equal" if stream.same else "copied"
        return {"initial weights": f"{how}, {count} tensors"}

    def _end_equal(self, steps: int) -> dict[str, str]:
        same = np.array_equal(
            scratch.random.get_rng_state(), torch.get_rng_state().numpy()
        )
        self.rows.append(exact_row("random state at the end", same))
        how = "bit-equal" if same else "the random streams have parted"
        return {"batches and masks": f"{how}, {steps} steps"}

    def _diverged(self, stop: Stop) -> None:
        """The loss has become infinite or NaN: for both at once, or they differ."""
        if not self.variant.diverges:
            raise NotFinite(
                f"the loss is no longer finite at step {stop.number}: "
                f"scratch {stop.mine}, torch_ref {stop.reference}. "
                "A smaller --lr may help."
            )
        self.diverged_at = stop.number
        both = not (np.isfinite(stop.mine) or np.isfinite(stop.reference))
        said = f"scratch {stop.mine}, torch_ref {stop.reference}"
        self.rows.append(exact_row("the step at which the loss diverges", both, said))
        self.notes.append(f"diverged at step {stop.number}: {said}")

    # What must match.

    def _judges(self, number: int) -> bool:
        return number in SINGLE_STEPS or number % SINGLE_STEP_EVERY == 0

    def _judge_single_step(self, stop: Stop, state: dict) -> None:
        reference = self.sides["torch_ref"]
        x, y = (as_array(a)[stop.batch] for a in (reference.x, reference.y))
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

    def _each_step_matches(self) -> bool:
        """Judge every step of scratch's own training, from scratch's own state.

        Where one unit crosses its kink in one training and not in the others, no
        envelope of a few runs tells. If every step is the reference's step, and repeats
        bit for bit when it is taken alone, then so is the whole way.
        """
        last = max(self.weights["scratch"], default=0)
        with scratch.random.fork_rng(), torch.random.fork_rng(devices=[]):
            mine = self.build(scratch, self.dtype)
            state = capture(mine)
            for number, step in enumerate(mine.loop, 1):
                x, y = (as_array(a)[step.batch] for a in (mine.x, mine.y))
                rows = judge_step(self.build, state, x, y, self.dtype, number)
                alone = repeats(self.build, state, x, y, self.dtype, mine)
                if not (alone and all(row.ok for row in rows)):
                    return False
                if number >= last:
                    break
                state = capture(mine)
        self.notes.append(
            "the weights part further than the reference's own runs do, but each of "
            f"{last} steps matches: a unit crossed its kink in one training only"
        )
        return True

    def _judge_envelope(self, steps: int) -> None:
        now = time.perf_counter()
        reference, weights = self.sides["torch_ref"], self.weights
        finite = steps if self.diverged_at is None else self.diverged_at - 1
        with torch.random.fork_rng(devices=[]):
            envelope = run_envelope(
                lambda dtype: self.build(torch_ref, dtype),
                self.dtype,
                finite,
                lambda: self.progress("envelope"),
            )
            shapes = {n: tuple(p.shape) for n, p in reference.parameters.items()}
            both = weights["scratch"], weights["torch_ref"]
            rows = judge_training(*both, envelope, shapes, self.dtype)
            if not all(row.ok for row in rows):
                envelope.widen()
                rows = judge_training(*both, envelope, shapes, self.dtype)
            if not all(row.ok for row in rows) and self._each_step_matches():
                rows = [_crossed(row) if not row.ok else row for row in rows]
        self.rows += rows
        parted = not all(row.ok for row in self.rows)
        if parted and self.place is None:
            self._search_step(max(weights["scratch"], default=0))
        chaos = envelope.chaotic_from()
        if chaos is not None:
            self.notes.append(
                f"from step {chaos} on training is chaotic (rounding alone moves the "
                "weights by 1% of their way): not judged from there"
            )
        self.clock.add("envelope", now)

    def _results(self, outcome: Outcome, interrupted: bool) -> tuple[dict, list[str]]:
        measures = self.lesson.measures_of(self.variant)
        if self.diverged_at is not None or not measures:
            results = {}
        else:
            results = {
                f"{name}, test": {
                    side: measure(outcome.outputs[side], outcome.target)
                    for side in self.sides
                }
                for name, measure in measures.items()
            }
        for name, values in results.items():
            gap = abs(values["scratch"] - values["torch_ref"])
            if gap:
                self.notes.append(f"{name} differs by {gap:.1e}")
        findings = []
        if self.lesson.findings and not interrupted and self.diverged_at is None:
            findings = self.lesson.findings(outcome)
        return results, findings


def _crossed(row: Row) -> Row:
    """The row of a weight that parted where every single step matches."""
    matched = replace(row.judgement, verdict="match", stage="step by step", reason="")
    return replace(row, judgement=replace(matched, score=float(LIMIT)))


def name_of(lesson, settings: Settings, variant: Variant) -> str:
    """What a training is called in tables, files and logs."""
    name = lesson.name
    if settings.dtype != "float32":
        name += f"-{settings.dtype}"
    return f"{name}: {variant.name}" if variant.name else name
