"""One comparison: both sides, their draws, and what is found."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import numpy as np
import torch

from twofold import scratch

from ..judge.draw import compare_draw, compare_narrow
from ..judge.explain import explain
from ..judge.repeats import NOT_REPEATED
from ..judge.row import Row, Rows, merge
from ..judge.second_look import is_convention
from ..numerics.dtypes import BFLOAT16, Precision
from ..numerics.verdict import Judgement
from ..report.report import Report
from ..sides.arrays import to_numpy
from ..sides.draws import (
    PLAIN,
    Recipe,
    fresh_inputs,
    may_be_bounded,
    moved_parameters,
    recipes,
)
from ..sides.forms import (
    Renamed,
    Role,
    own_state,
    parameter_names,
    renaming,
    understand,
)
from ..sides.modules import TorchSide
from ..sides.objects import ObjectSide
from ..sides.threads import threads
from ..sides.trace import Feed, draw_upstream, is_floating, over, tensor_name

REFUSALS = (RuntimeError, ValueError, IndexError, TypeError, AssertionError)
"""What code raises at inputs that it does not take."""

LOCK = threading.RLock()
"""The random streams and the number of threads belong to the whole process."""


@contextmanager
def left_alone() -> Iterator[None]:
    """Gradients are asked for whatever the caller's mode is, on one thread; the random
    streams are left as they were found."""
    with ExitStack() as stack:
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.enable_grad())
        stack.enter_context(threads(1))
        stack.enter_context(torch.random.fork_rng(devices=[]))
        stack.enter_context(scratch.random.fork_rng())
        yield


class Check:
    """One call of `check`: its options, both sides, and what is found."""

    def __init__(self, mine, reference, inputs, **options):
        vars(self).update(options)
        self.gradients: bool | tuple = options["gradients"]
        self.precision: Precision = options["precision"]
        if not self.float64 and self.precision.name == "float64":
            raise ValueError(
                "dtype: a narrower one than float64 is needed without float64"
            )
        if self.draws < 1:
            raise ValueError(f"draws: a positive int was expected, got {self.draws}")
        self.mine, self.reference = mine, reference
        self.notes: list[str] = []
        self.held: frozenset | None = None
        with left_alone():
            self._understand(inputs)

    def _understand(self, inputs) -> None:
        mine, reference = self.mine, self.reference
        renamed = renaming(mine, reference, self.parameters)
        self.inputs = over(_as_array, inputs)
        state = own_state(reference) or {}
        own = own_state(mine)
        wide = {name: _widened(x) for name, x in state.items()}
        # A function of mine holds its own weights: those of the reference stay.
        self.movable = own is not None and bool(wide)
        self.buffers = set(wide) - parameter_names(reference)
        feed = Feed(
            np.dtype(np.float64),
            self.inputs,
            wide,
            training=self.training,
            seed=self.seed,
            options={k: _as_array(x) for k, x in self.keywords.items()},
            forward_only=self.gradients is False,
        )
        first = feed if self.float64 else feed.cast(self.precision)
        self.theirs = understand(reference, Role("reference", self.device), feed)
        side = understand(mine, Role("mine", self.device), first)
        self.candidate = Renamed(side, renamed) if renamed.sources else side
        self.names = self.theirs.names
        side.names = self.names  # rows are told in the reference's words
        if isinstance(side, ObjectSide):
            home = {n: s.mine for s in renamed.sources for n in s.theirs}
            side.buffers = {home.get(n, n) for n in self.buffers} & set(own)
        self.feed = replace(feed, differentiable=self._wanted())
        mine_names = set(own or {}) | {n for s in renamed.sources for n in s.theirs}
        lacking = [n for n in wide if own is None or n not in mine_names]
        self.lacking = {
            tensor_name(what, name)
            for name in lacking
            for what in ("buffer", "grad of")
        }
        self._note_what_mine_lacks(lacking)

    def _note_what_mine_lacks(self, lacking: list[str]) -> None:
        if not lacking:
            return
        shown = ", ".join(lacking[:4]) + (", ..." if len(lacking) > 4 else "")
        self.notes.append(f"{shown} of the reference: not compared, mine has none")

    def _wanted(self) -> tuple[bool, ...]:
        if isinstance(self.gradients, bool):
            return (True,) * len(self.inputs)
        unknown = [name for name in self.gradients if name not in self.names]
        if unknown:
            known = ", ".join(self.names)
            raise ValueError(f"gradients: some of {known} were expected, got {unknown}")
        return tuple(name in self.gradients for name in self.names)

    # Draws.

    def report(self) -> Report:
        started = time.perf_counter()
        report = Report(_name(self.reference), [], draws=0, seed=self.seed)
        failing = None
        with left_alone():
            for draw, feed, told in self._feeds():
                feed = self._settled(feed)
                rows, told = self._compare(feed, draw, told)
                if rows is None:
                    continue
                report.draws += 1
                report.notes += [n for n in rows.notes if n not in report.notes]
                if failing is None and not all(row.ok for row in rows):
                    failing = feed, rows
                    if told:
                        report.notes.append(f"found in draw {draw + 1}: {told}")
                report.rows = merge(report.rows, rows)
                if _is_a_mistake(rows):
                    break
            report.notes += [n for n in self.notes if n not in report.notes]
            self._note_resolution(report)
            if report.rows and all(0 in row.shape for row in report.rows):
                report.notes.append("no number was compared: every array is empty")
            if failing is not None:
                self._explain(report, *failing)
        report.seconds = time.perf_counter() - started
        return report

    def _feeds(self) -> Iterator[tuple[int, Feed, str]]:
        yield 0, self.feed, ""
        for draw, recipe in enumerate(recipes(self.draws), 1):
            rng = np.random.default_rng([self.seed, draw])
            feed = replace(self.feed, seed=self.seed + draw)
            if self.movable:
                moved = moved_parameters(feed.parameters, self.buffers, rng)
                feed = replace(feed, parameters=moved)
            yield self._drawn(draw, feed, recipe, rng)

    def _drawn(self, draw, feed: Feed, recipe: Recipe, rng) -> tuple[int, Feed, str]:
        """Inputs that the reference takes: the recipe's, or as near as can be."""
        if self.make is not None:
            made = self.make(rng)
            made = made if isinstance(made, tuple) else (made,)
            return draw, replace(feed, inputs=over(_as_array, made)), "inputs made"
        tries = [(recipe, True), (recipe, False)] if recipe.resized else []
        tries += [(tried, False) for tried in (recipe, *PLAIN)]
        for tried, resize in tries:
            inputs = fresh_inputs(self.inputs, tried, rng, resize)
            attempt = replace(feed, inputs=inputs, layout=recipe.layout)
            taken = self._takes(self.theirs, attempt)
            if taken and resize:  # another batch size is tried where both take it
                own = attempt if self.float64 else attempt.cast(self.precision)
                taken = self._takes(self.candidate, own)
            if taken:
                return draw, attempt, tried.name
        note = "the reference refused other inputs than those given: use make="
        if note not in self.notes:
            self.notes.append(note)
        return draw, replace(feed, layout=recipe.layout), "parameters moved"

    def _takes(self, side, feed: Feed) -> bool:
        try:
            with np.errstate(all="ignore"):
                side.run(replace(feed, forward_only=True))
        except REFUSALS:
            return False
        return True

    def _settled(self, feed: Feed) -> Feed:
        """With upstream gradients, and inputs that cannot be moved held where they are:
        a target of 1, moved, would be no probability."""
        if not feed.forward_only:
            feed = replace(feed, upstream=self._upstream(feed))
        if self.held is None:
            self.held = self._cannot_be_moved(feed)
        return replace(feed, fixed=self.held)

    def _cannot_be_moved(self, feed: Feed) -> frozenset:
        if not any(map(may_be_bounded, feed.inputs)):
            return frozenset()
        near, _ = feed.stepped(2.0**-23, [feed.seed, 0x46])
        if self._takes(self.theirs, near):
            return frozenset()
        return frozenset(
            i
            for i in range(len(feed.inputs))
            if not self._takes(self.theirs, _moved_alone(feed, near, i))
        )

    def _upstream(self, feed: Feed) -> tuple[np.ndarray, ...]:
        if isinstance(self.theirs, TorchSide):
            return self.theirs.upstream(feed)
        outputs = self.theirs.run(replace(feed, forward_only=True))
        found = [y for name, y in outputs.items() if name.startswith("output")]
        shapes = [y.shape for y in found]
        return draw_upstream(shapes, feed.seed, [y.dtype.kind == "c" for y in found])

    def _compare(self, feed: Feed, draw: int, told: str) -> tuple[Rows | None, str]:
        compare = compare_draw if self.float64 else compare_narrow
        with np.errstate(all="ignore"):
            try:
                name = self.precision.name
                rows = compare(self.candidate, self.theirs, feed, name, twice=True)
            except REFUSALS as error:
                if draw == 0:
                    raise
                return self._refused(feed, error, told)
        return self._compared(rows), told

    def _refused(self, feed: Feed, error: Exception, told: str):
        """Mine raises where the reference does not; in another order in memory, which
        it may refuse, it is asked again in the usual one."""
        if feed.layout:
            note = (
                f"mine refuses inputs that are {feed.layout} in memory: {_said(error)}"
            )
            if note not in self.notes:
                self.notes.append(note)
            return self._compare(replace(feed, layout=""), 1, told)
        reason = f"mine raised {_said(error)}"
        found = Judgement("mismatch", float("inf"), self.precision.name, reason)
        return Rows([Row("output", (), self.precision.name, found)]), told

    def _compared(self, rows: Rows) -> Rows:
        """Without what mine has not, and what nobody asked for."""
        asked = [
            f"grad of {n}" for n, w in zip(self.names, self._wanted(), strict=True) if w
        ]
        named = not isinstance(self.gradients, bool)
        kept = [row for row in rows if row.name not in self.lacking]
        notes = []
        for note in rows.notes:
            name = note.partition(" is not compared")[0]
            if named and name in asked and "mine returns none" in note:
                reason = "missing on my side"
                found = Judgement("mismatch", float("inf"), "float64", reason)
                kept.append(Row(name, (), self.precision.name, found))
            elif name not in self.lacking:
                notes.append(note)
        return Rows(kept, notes)

    # What follows.

    def _explain(self, report: Report, feed: Feed, rows: Rows) -> None:
        dtype = self.precision.name
        with np.errstate(all="ignore"):
            if any(row.judgement.reason == NOT_REPEATED for row in rows):
                report.cause = "unsettled"  # nothing can be measured of it
                return
            if rows[0].judgement.reason.startswith("mine raised"):
                report.cause = "different functions"
                return
            if self.float64:
                found = explain(
                    self.candidate, self.theirs, feed, self.names, rows, dtype
                )
                if found.cause == "unsettled" and _lacks_gradients(rows):
                    found.cause = "mine: backward"
                report.explain(found)
                report.notes += _hints(rows)
                return
            failing = [row for row in rows if not row.ok]
            agreed = all(is_convention(r) and np.isfinite(r.score) for r in failing)
            report.cause = "convention" if agreed else "unsettled"
            rounded = feed.cast(self.precision)
            report.traces = self.candidate.run(rounded), self.theirs.run(rounded)

    def _note_resolution(self, report: Report) -> None:
        """What a candidate without float64 could not have shown."""
        if self.float64:
            return
        for row in report.rows:
            seen = row.judgement.resolution
            if seen:
                note = (
                    f"{row.name}: errors below {seen:.1e} of its size are not visible"
                )
                if row.judgement.blind:
                    share = f"{row.judgement.blind:.1%}"
                    note += f"; of {share} of its numbers not even a factor of 2"
                report.notes.append(note)
        report.notes.append(
            f"in {self.precision.name} alone nobody can tell a mistake from a loss of "
            "precision: run it in float64, or in float32 and at other scales, if it can"
        )


def _is_a_mistake(rows: Rows) -> bool:
    """Whether more draws would tell no more: not of a convention, nor of precision."""
    return any(row.verdict == "mismatch" and not is_convention(row) for row in rows)


def _moved_alone(feed: Feed, moved: Feed, i: int) -> Feed:
    inputs = (*feed.inputs[:i], moved.inputs[i], *feed.inputs[i + 1 :])
    return replace(feed, inputs=inputs)


def _lacks_gradients(rows: list[Row]) -> bool:
    """Whether all that is wrong are gradients that were promised and are not there."""
    wrong = [row for row in rows if not row.ok]
    return all(row.judgement.reason == "missing on my side" for row in wrong)


def _hints(rows: list[Row]) -> list[str]:
    narrow = any("expected float64" in row.judgement.reason for row in rows)
    return ["if mine cannot run in float64: check(..., float64=False)"] * narrow


def _as_array(x):
    """Numbers of any library as arrays, floats in float64; anything else as it is."""
    numbers = np.ndarray | np.generic | torch.Tensor | float | complex
    foreign = hasattr(x, "__array__") or hasattr(x, "__dlpack__")
    if not (isinstance(x, numbers) or foreign):
        return x
    x = np.asarray(to_numpy(x))
    return _widened(x)


def _widened(x: np.ndarray) -> np.ndarray:
    if x.dtype.name == BFLOAT16:
        x = x.astype(np.float32)
    if not is_floating(x):
        return x
    return x.astype(np.complex128 if x.dtype.kind == "c" else np.float64)


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"


def _name(reference) -> str:
    reference = getattr(reference, "_orig_mod", reference)
    return getattr(reference, "__name__", type(reference).__name__)
