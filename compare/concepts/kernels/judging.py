"""A reference that is ready to judge candidates: draws, precisions, conduct."""

from contextlib import suppress
from dataclasses import replace

import numpy as np
import torch

from ...judge.draw import compare_draw, compare_narrow
from ...judge.explain import explain
from ...judge.row import Row, exact_row, merge
from ...judge.steady import steady_rows
from ...numerics.dtypes import precision
from ...sides.apart.process import Apart, Failure, Limits
from ...sides.apart.side import ApartSide, described, shuffled
from ...sides.apart.wire import Numbers
from ...sides.modules import TorchSide, input_names
from ...sides.trace import Feed, Trace, is_floating
from . import called, causes
from .draws import Draw, draws_of
from .problem import BrokenReference, Problem, words_of
from .report import KernelReport
from .worth import excused, outputs, smallest_visible, worthless

FINER = {
    "float64": (),
    "float32": ("float64",),
    "float16": ("float64",),
    "bfloat16": ("float64", "float32"),
}
MODES = {"train": (True,), "eval": (False,), "both": (True, False)}
AIMS = ("grad of target", "grad of label")  # names of inputs that losses aim at
EXPLAINING_REST = ("parameter", "inputs")  # conduct that other rows follow from
EXPLAINING = 500  # calls that finding the culprit may take


class Judging:
    """One reference, ready to judge candidates."""

    def __init__(self, problem: Problem, dtype, device, forward_only, seed):
        self.problem = problem
        self.dtype = dtype
        self.forward_only = forward_only
        self.device = device
        self.seed = seed
        first = problem.inputs(seed)
        self.names = input_names(problem.model.forward, len(first))
        side = TorchSide.of(problem.model, self.names, device)
        self.reference = called.Outputs(side) if forward_only else side
        self.trained = {name for name, _ in problem.model.named_parameters()}
        self.draws: list[Draw] = []
        self.notes: list[str] = []

    def prepare(self, count: int, as_given: bool, mode: str) -> None:
        """Make the draws. Raises `BrokenReference` where the reference cannot run."""
        try:
            modes = self._without_chance(MODES[mode])
            self.draws = list(
                draws_of(
                    self.problem,
                    self.reference,
                    count,
                    self.dtype,
                    as_given,
                    modes,
                )
            )
            rounded = self.draws[0].feed.cast(self.dtype)
            if not outputs(self.reference.run(rounded)):
                raise BrokenReference(f"{self.problem.path}: Model returns no tensor")
            last = self.draws[-1].feed
            self.notes += worthless(self.reference, last, self.names, self.trained)
        except BrokenReference:
            raise
        except Exception as error:
            where = self.problem.path
            raise BrokenReference(f"{where}: {words_of(error)}") from None

    def _without_chance(self, modes: tuple) -> tuple:
        """The modes in which the reference draws no random numbers."""
        sure = []
        for mode in modes:
            feed = Feed(
                np.dtype(np.float64),
                self.problem.inputs(self.seed),
                self.problem.state(),
                training=mode,
                seed=self.seed,
            )
            feed = replace(feed, upstream=self.reference.upstream(feed))
            base = self.reference.run(feed)
            other = self.reference.run(replace(feed, seed=self.seed + 1))
            if all(
                np.array_equal(x, other[n], equal_nan=True) for n, x in base.items()
            ):
                sure.append(mode)
        if not sure:
            self.notes.append("the reference draws random numbers: one seed for both")
        elif len(sure) < len(modes):
            self.notes.append(
                "when training the reference draws random numbers: compared in "
                "evaluation only"
            )
        return tuple(sure) or modes

    def judge(self, source: str, limits: Limits, allow, forbid) -> KernelReport:
        """The verdict on a candidate, given as its source."""
        report = KernelReport(
            self.problem.path.stem, [], draws=len(self.draws), seed=self.seed
        )
        report.notes += self.notes
        arrays: list[Numbers] = []
        start = {
            "source": source,
            "arguments": self._arguments(arrays),
            "seed": self.seed,
            "device": self.device,
        }
        with Apart(limits) as apart:
            side = None
            try:
                side = ApartSide(apart, start, arrays, self.names)
                self._all_draws(side, report)
            except Failure as failure:
                row = exact_row(f"candidate: {failure.kind}", False, str(failure))
                report.rows = merge(report.rows, [row])
                report.cause = report.cause or "mine: no result"
            if side is not None:
                self._conduct(side, report, allow, forbid)
            report.printed = apart.output()
        printed = report.printed.strip().splitlines()
        if printed:
            report.notes.append(
                f"it printed {len(printed)} lines, which count for nothing: "
                f"{printed[0][:60]!r}"
            )
        return report

    def _arguments(self, arrays: list[Numbers]):
        """The arguments of the constructor; `arrays` takes the tensors among them."""

        def plain(x):
            if isinstance(x, torch.Tensor):
                x = x.detach().cpu().numpy()
                arrays.append(Numbers.of(x))
            elif isinstance(x, tuple | list):
                return type(x)(map(plain, x))
            elif isinstance(x, dict):
                return {key: plain(item) for key, item in x.items()}
            return x

        try:
            return described(plain(tuple(self.problem.arguments)))
        except TypeError as error:
            raise BrokenReference(f"{self.problem.path}: {error}") from None

    def _all_draws(self, side: ApartSide, report: KernelReport) -> None:
        side.gradients = not self.forward_only
        side.may_write = {self.names[i] for i in self.problem.written}
        for name in side.fit(self.draws[0].feed.parameters):
            if name in self.trained:
                side.conduct[f"parameter {name}"] = (
                    f"it has no parameter of the shape of {name}, and is given none"
                )
            else:
                report.notes.append(f"mine has no buffer {name}: not compared")
        known = self._known(side, report)
        report.visible = self._visible(known)
        side.again = True
        failing, passed = None, {}
        for number, draw in enumerate(self.draws):
            side.order = draw.order
            found = self._claimed(self._compare(side, draw.feed, known), report)
            report.rows = merge(report.rows, found)
            self._excuse(report, passed, found, draw.feed)
            if not all(row.ok for row in found):
                failing = draw, found
                report.notes.append(f"found in draw {number + 1}: {draw.words}")
                break
        else:
            side.repeat_all()
        report.notes += [
            f"{name}: a difference of {share:.1e} in float64 is far below the rounding "
            f"of {self.dtype}, and was let pass"
            for name, share in passed.items()
        ]
        again = self._unsteady(side)
        report.rows = merge(report.rows, again)
        if failing is not None:
            self._explain(side, report, *failing, known)
        elif again:
            report.cause = "mine: conduct"

    def _known(self, side: ApartSide, report: KernelReport) -> list[str]:
        """The precisions that the candidate knows; the working one it has to."""
        feed = self.draws[0].feed
        feed = replace(feed, inputs=shuffled(feed.inputs))
        known = []
        for name in (*FINER[self.dtype], self.dtype):
            working = name == self.dtype
            side.conduct, kept = {}, side.conduct
            try:
                mine = side.run(feed.cast(name))
                other = any(key.startswith("type of") for key in side.conduct)
                single = name == "float64" and self._holds_single(mine, feed)
                if working or not (other or single):
                    known.append(name)
                else:
                    report.notes.append(
                        f"given {name} it computes in less: judged without {name}"
                    )
            except Failure as failure:
                if working or failure.kind not in ("error", "refused"):
                    raise
                words = str(failure)[:160]
                report.notes.append(
                    f"given {name} it gives nothing, and is judged without: {words}"
                )
            finally:
                side.conduct = kept | (side.conduct if working else {})
        return known

    def _holds_single(self, mine: Trace, feed: Feed) -> bool:
        """Whether results in float64 have no more digits than float32 has."""
        theirs = self.reference.run(feed)
        return any(
            single(x) and not held(theirs[name])
            for name, x in mine.items()
            if name in theirs and is_floating(x)
        )

    def _compare(self, side: ApartSide, feed: Feed, known: list[str]) -> list[Row]:
        """Rows of one draw, in every precision that the candidate knows."""
        if "float64" in known:
            rows = compare_draw(side, self.reference, feed, self.dtype)
            return causes.restructured(rows)
        rows = []
        if "float32" in known and self.dtype == "bfloat16":
            rows = compare_narrow(side, self.reference, feed, "float32")
        found = compare_narrow(side, self.reference, feed, self.dtype)
        return causes.restructured(merge(rows, found))

    @staticmethod
    def _claimed(rows: list[Row], report) -> list[Row]:
        """A loss leads back to its predictions; who gives no gradient of what it aims
        at claims nothing about it.
        """
        unclaimed = [
            row
            for row in rows
            if row.name.startswith(AIMS)
            and row.judgement.reason.startswith("missing on my side")
        ]
        for row in unclaimed:
            note = f"mine gives no {row.name}: not compared"
            report.notes += [note] if note not in report.notes else []
        return [row for row in rows if row not in unclaimed]

    def _excuse(self, report, passed: dict, rows: list[Row], feed: Feed) -> None:
        """What was let pass as rounding, far above it in float64, was not seen."""
        for name, share in excused(self.reference, feed, rows).items():
            report.visible = max(report.visible or 0.0, share)
            passed[name] = max(passed.get(name, 0.0), share)

    def _unsteady(self, side: ApartSide) -> list[Row]:
        """Rows for what was another result when it was called again."""
        rows: list[Row] = []
        for call, again, words in side.unsteady:
            found = steady_rows(self.reference, call.feed, call.trace, again, words)
            rows = merge(rows, found)
        return rows

    def _visible(self, known: list[str]) -> float | None:
        feed = self.draws[0].feed
        finest = precision(known[0])
        run = None
        if finest.name != "float64":
            run = self.reference.run(feed.cast(finest))
        return smallest_visible(self.reference, feed, finest.roundoff, run)

    def _explain(self, side, report, draw: Draw, rows, known) -> None:
        """Who is wrong, asked in float64 where the candidate knows it."""
        side.again = False
        wrong = [row for row in rows if row.verdict == "mismatch"]
        each = side.apart.spent / max(1, side.apart.calls)
        told = causes.by_rows(rows)
        if not wrong:
            report.cause = "precision"
        elif told is not None:
            report.cause = told
        elif self.forward_only:
            report.cause = "different functions"
        elif "float64" not in known or each * EXPLAINING > side.apart.limits.seconds:
            report.cause = "unsettled"
        else:
            report.cause = "unsettled"
            with suppress(Failure):
                found = explain(
                    side, self.reference, draw.feed, self.names, rows, self.dtype
                )
                report.explain(found)
                report.cause, notes = causes.reconsidered(
                    found.cause, side, self.reference, draw.feed, self.names, rows
                )
                report.notes += notes
        if self._without_way_back(rows):
            report.notes.append(
                "mine gives no gradients: --forward-only compares outputs alone"
            )

    @staticmethod
    def _without_way_back(rows) -> bool:
        back = [row for row in rows if "grad of " in row.name]
        return bool(back) and all(
            row.judgement.reason.startswith("missing on my side") for row in back
        )

    def _conduct(self, side, report, allow, forbid) -> None:
        """Rows for what a candidate must not do, whatever its numbers are."""
        operations = side.operations
        report.operations = {way: dict(n) for way, n in operations.items()}
        if any(operations.values()):
            report.notes += called.words(operations)
        report.notes += side.notes.values()
        for name in called.against(operations, allow, forbid):
            side.conduct[f"operation {name}"] = f"it called {name} of torch"
        first = []
        for name, words in side.conduct.items():
            row = exact_row(f"conduct: {name}", False, words)
            explains = name.startswith(EXPLAINING_REST)
            (first if explains else report.rows).append(row)
            report.cause = report.cause or "mine: conduct"
        if first:
            report.rows = [*first, *report.rows]
            report.cause = "mine: conduct"


def single(x: np.ndarray) -> bool:
    """Whether float32 holds all of these numbers, which are not all the same."""
    if x.size < 2 or (x == x.flat[0]).all():
        return False
    return held(x)


def held(x: np.ndarray) -> bool:
    """Whether float32 holds all of these numbers."""
    with np.errstate(over="ignore"):
        return np.array_equal(x, x.astype(np.float32).astype(x.dtype), equal_nan=True)
