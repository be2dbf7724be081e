"""`twofold.check_optimizer`: does my optimiser make the reference's steps?"""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ..judge.draw import compare_draw
from ..judge.explain import explain
from ..judge.row import Row, Rows, merge
from ..judge.signatures import signatures
from ..numerics.dtypes import precision
from ..numerics.verdict import Judgement
from ..report.report import Report
from ..sides.optimisers import dealt_out, optimiser_side
from ..sides.trace import Feed
from .checking import LOCK, REFUSALS, left_alone

SHAPES = ((), (1,), (7,), (5, 3))
MATRICES = ((1, 1), (5, 3), (3, 5), (16, 16))
BFLOAT16_ROUNDOFF = 2.0**-9

CLOSURES = {"LBFGS"}  # steps that evaluate the loss themselves
SPARSE = {"SparseAdam"}  # for gradients of few rows
MATRIX = {"Muon"}  # for matrices alone, which it orthogonalises in bfloat16

SCALES = (1e-3, 1.0, 1e3)
MISSING, ZERO = 0.1, 0.2  # the shares of gradients that are not there, and that are 0
SPARSE_STEPS = 10

STEP = re.compile(r"step (\d+): (.*)")


def check_optimizer(
    mine,
    reference,
    options: Mapping | None = None,
    *,
    shapes: Sequence[tuple[int, ...]] | None = None,
    steps: int = 100,
    groups: Sequence[Mapping] | None = None,
    state: Mapping | None = None,
    dtype=np.float32,
    draws: int = 4,
    seed: int = 0,
) -> Report:
    """Compare the steps that two optimisers make on the same gradients.

    Both start from the same parameters, get the same gradients, and are compared after
    every step: the update, which is the difference of two weights, and what both keep
    of the state. Gradients are normal in the first draw; in the others they have three
    scales, some are 0, and some are not there at some steps.

    Args:
        mine: a class made by `(params, **options)`, whose objects have `step()` and
            whose params have `.data` and `.grad`, as arrays; a subclass of
            `torch.optim.Optimizer`; an optimiser of `twofold.scratch`; or a function
            `(p, g, state, **options) -> (p, state)` of arrays, None the first state.
        reference: a class of `torch.optim`, or any of the same forms.
        options: given to both, under the same names.
        shapes: of the parameters.
        steps: how many are made in each draw; at most 10 with gradients of few rows
            (SparseAdam), and 2 where each evaluates the loss itself (LBFGS).
        groups: the options of each group of parameters; they are dealt out in order.
        state: my names of state to the reference's. Equal names are compared without
            it; what only one side keeps is not compared, and the notes say so.
        dtype: the working precision, beside float64.
        draws: how many, each with other parameters and gradients.
        seed: of everything random.

    Returns:
        A `Report`: a row for the update and each state of every parameter, over all
        steps; `first` names the step and the tensor in which both part. A mistake with
        a known signature is named in the notes: a hint, no verdict.

    Raises:
        TypeError: `mine` or `reference` is nothing that can make steps.
        ValueError: a number of `steps` or `draws` that is none.
    """
    if steps < 1 or draws < 1:
        raise ValueError(
            f"steps, draws: positive ints were expected, got {steps}, {draws}"
        )
    name = getattr(reference, "__name__", str(reference))
    checking = _Checking(name, dict(options or {}), list(map(dict, groups or [])))
    with LOCK, left_alone():
        checking.understand(mine, reference, dict(state or {}))
        shapes = shapes or (MATRICES if name in MATRIX else SHAPES)
        return checking.report(tuple(map(tuple, shapes)), steps, dtype, draws, seed)


class _Checking:
    """One call: both sides, and what is found."""

    def __init__(self, name: str, options: dict, groups: list[dict]):
        self.name, self.options, self.groups = name, options, groups
        self.kind = "a closure" if name in CLOSURES else ""
        self.kind = "sparse gradients" if name in SPARSE else self.kind
        self.notes: list[str] = []

    def understand(self, mine, reference, state: dict) -> None:
        self.state = state
        inner = BFLOAT16_ROUNDOFF if self.name in MATRIX else 0.0
        common = self.options, self.groups, self.kind, inner
        self.candidate = optimiser_side(mine, "mine", *common)
        self.reference = optimiser_side(reference, "reference", *common)

    def report(self, shapes, steps: int, dtype, draws: int, seed: int) -> Report:
        started = time.perf_counter()
        report = Report(self.name, [], draws=0, seed=seed)
        for draw in range(draws):
            feed = self._feed(shapes, steps, draw, seed)
            if draw == 0:
                self._meet_states(feed)
            with np.errstate(all="ignore"):
                rows = self._compare(feed, dtype, draw)
                report.draws += 1
                report.rows = merge(report.rows, over_steps(rows))
                if not all(row.ok for row in rows):
                    self._explain(report, feed, rows, dtype, draw)
                    break
        report.notes += self.notes
        report.seconds = time.perf_counter() - started
        return report

    def _feed(self, shapes, steps: int, draw: int, seed: int) -> Feed:
        rng = np.random.default_rng([seed, draw, 0x6F70])
        wide = np.dtype(np.float64)
        if self.kind == "a closure":
            n = 12
            root = rng.standard_normal((n, n))
            inputs = root @ root.T + np.eye(n), rng.standard_normal(n), np.zeros(n)
            return Feed(wide, inputs, {"x": rng.standard_normal(n)}, seed=seed + draw)
        if self.kind:
            inputs = []
            for _ in range(min(steps, SPARSE_STEPS)):
                rows = rng.integers(0, 20, int(rng.integers(1, 9)))
                inputs += [rows, rng.standard_normal((len(rows), 4))]
            start = {"p": rng.standard_normal((20, 4))}
            return Feed(wide, tuple(inputs), start, seed=seed + draw)
        start = {f"p{i}": _normal(rng, shape) for i, shape in enumerate(shapes)}
        scale = rng.choice(SCALES) if draw else 1.0
        inputs = tuple(
            _gradient(rng, shape, scale, plain=draw == 0)
            for _ in range(steps)
            for shape in shapes
        )
        return Feed(wide, inputs, start, seed=seed + draw)

    def _meet_states(self, feed: Feed) -> None:
        """Which state both sides keep, under which names."""
        if self.kind:
            return
        names = list(feed.parameters)
        kept = []
        for side in (self.candidate, self.reference):
            found: dict[str, None] = {}
            for key in side.run(feed):
                _, what = STEP.fullmatch(key).groups()
                name, _, of = what.rpartition(" of ")
                if name != "update" and of in names:
                    found[name] = None
            kept.append(list(found))
        mine, theirs = kept
        own = {str(k): v for k, v in self.state.items()}
        unknown = [k for k in own if k not in mine]
        unknown += [v for v in own.values() if v not in theirs]
        if unknown:
            raise ValueError(
                f"state: {unknown[0]!r} is not kept; mine keeps {mine}, the reference "
                f"{theirs}"
            )
        renamed = {k: own.get(k, k) for k in mine}
        both = set(renamed.values()) & set(theirs)
        self.candidate.states = lambda key: (
            renamed.get(str(key)) if renamed.get(str(key)) in both else None
        )
        self.reference.states = lambda key: key if key in both else None
        lacking = [name for name in theirs if name not in both]
        if lacking:
            self.notes.append(
                f"state {', '.join(lacking)} of the reference: not compared, mine has "
                "none of that name; map names with state={mine: reference}"
            )

    def _compare(self, feed: Feed, dtype, draw: int) -> Rows:
        try:
            return compare_draw(self.candidate, self.reference, feed, dtype)
        except REFUSALS as error:
            if draw == 0:
                raise
            self.reference.run(feed)  # it raises where the reference is at fault
            where = " ".join(getattr(error, "__notes__", []))
            reason = f"mine raised {type(error).__name__}: {error} {where}"
            name = precision(dtype).name
            found = Judgement("mismatch", float("inf"), name, reason)
            return Rows([Row("step 1: update of p0", (), name, found)])

    def _hints(self, feed: Feed) -> list[str]:
        if self.kind:
            return []
        groups = dealt_out(len(feed.parameters), self.groups)
        options = [self.options | own for own in groups]
        mine, theirs = self.candidate.run(feed), self.reference.run(feed)
        return list(signatures(self.name, options, feed, mine, theirs))

    def _explain(self, report: Report, feed: Feed, rows: Rows, dtype, draw: int):
        first = min((row for row in rows if not row.ok), key=_step_of)
        raised = first.judgement.reason.startswith("mine raised")
        if raised:
            report.cause = "different functions"
        else:
            found = explain(self.candidate, self.reference, feed, [], rows, dtype)
            report.explain(found)
            if "update of" in first.name:
                report.notes += self._hints(feed)
        report.place = first.name
        if draw:
            report.notes.append(
                f"found in draw {draw + 1}: gradients of another scale, some of them 0 "
                "or not there"
            )


def over_steps(rows: Rows) -> list[Row]:
    """One row for each tensor over all steps: the first that fails, or the worst."""
    found: dict[str, Row] = {}
    for row in rows:
        name = STEP.fullmatch(row.name)[2]
        known = found.get(name)
        if known is None or (known.ok and row.worse_than(known)):
            found[name] = replace(row, name=name)
    return list(found.values())


def _step_of(row: Row) -> int:
    return int(STEP.fullmatch(row.name)[1])


def _normal(rng, shape) -> np.ndarray:
    return np.asarray(rng.standard_normal(shape))


def _gradient(rng, shape, scale: float, plain: bool):
    kind = rng.random()
    if not plain and kind < MISSING:
        return None
    if not plain and kind < ZERO:
        return np.zeros(shape)
    return np.asarray(scale * _normal(rng, shape))
