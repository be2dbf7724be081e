r"""How far may two trainings drift apart? As far as training itself drifts.

With $w_t$ the reference's run in float64 and $w_k$ four reference runs from initial
weights moved by two units in the last place, and moved by one more after every step,
since every step rounds, a tensor's score after N steps is

$s_N = \mathrm{RMS}(w_c - w_t) / \max(\mathrm{RMS}(w_r - w_t),
\max_k \mathrm{RMS}(w_k - w_t), u\,\mathrm{RMS}(w_t))$

at N = 1, 3, 10, 30, 100, 300. Beyond the N at which the envelope passes 1% of
$\lVert w_N - w_0 \rVert$ training is chaotic, and nothing is judged. After the last N,
single steps are scored, each from the reference's own state (`SingleStep`).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from ..judge.row import Row
from ..numerics.dtypes import unit_roundoff
from ..numerics.scores import Score, score
from ..numerics.sizes import Size
from ..numerics.verdict import Judgement
from .lockstep import Experiment, snapshot

CHECKPOINTS = (1, 3, 10, 30, 100, 300)
MOVED_BY = 2  # units in the last place, at the start
MOVED_EACH_STEP = 1
MOVED_RUNS = 4
MORE_RUNS = 16  # before any weights are called different
CHAOS = 0.01


@dataclass(frozen=True)
class Envelope:
    """The weights of the reference's extra runs, at each checkpoint reached.

    `widen` makes more moved runs: a unit that crosses its kink in one run of ten needs
    more than four to be seen.
    """

    truth: dict[int, np.ndarray]
    moved: list[dict[int, np.ndarray]]
    start: np.ndarray  # the initial weights
    widen: Callable[[], None] = lambda: None

    def chaotic_from(self) -> int | None:
        """The first checkpoint at which rounding has taken over, if any."""
        for n, truth in self.truth.items():
            drift = max(Size.of(run[n] - truth).rms for run in self.moved)
            way = Size.of(truth - self.start).rms
            if way and drift > CHAOS * way:  # a perceptron may not have moved yet
                return n
        return None


def run_envelope(
    build: Callable[[np.dtype], Experiment],
    dtype,
    steps: int,
    progress: Callable[[], None] = lambda: None,
) -> Envelope:
    """Five more runs of the reference: in float64, and four from moved weights.

    `build(dtype)` makes the reference's experiment from the seed, the initial weights
    drawn in the working precision and then widened.
    """
    last = max((n for n in CHECKPOINTS if n <= steps), default=0)
    wide = build(np.dtype(np.float64))
    start = snapshot(wide)
    truth = _walk(wide, last, progress)
    moved = []

    def move(runs: range) -> None:
        for k in runs:
            experiment, rng = build(np.dtype(dtype)), np.random.default_rng([k, 0x3E])
            _move_weights(experiment, rng, MOVED_BY)
            moved.append(_walk(experiment, last, progress, rng))

    move(range(MOVED_RUNS))
    more = range(MOVED_RUNS, MOVED_RUNS + MORE_RUNS)
    return Envelope(truth, moved, start, lambda: move(more))


def _walk(side: Experiment, last: int, progress, rng=None) -> dict[int, np.ndarray]:
    """The weights at each checkpoint; with `rng` they are moved after every step."""
    weights = {}
    for number, _ in enumerate(side.loop, 1):
        if number in CHECKPOINTS:
            weights[number] = snapshot(side)
        progress()
        if number >= last:
            break
        if rng is not None:
            _move_weights(side, rng, MOVED_EACH_STEP)
    return weights


def _move_weights(side: Experiment, rng: np.random.Generator, times: int) -> None:
    with torch.no_grad():
        for p in side.model.parameters():
            up = torch.from_numpy(rng.random(tuple(p.shape)) < 0.5).to(p.device)
            far = torch.where(up, torch.inf, -torch.inf).to(p.dtype)
            for _ in range(times):
                p.copy_(torch.nextafter(p, far))


def judge_training(
    mine: dict[int, np.ndarray],
    reference: dict[int, np.ndarray],
    envelope: Envelope,
    shapes: dict[str, tuple[int, ...]],
    dtype,
) -> list[Row]:
    """One row for each weight tensor: its largest score over the checkpoints."""
    u = unit_roundoff(dtype)
    chaos = envelope.chaotic_from()
    spans, start = {}, 0
    for name, shape in shapes.items():
        spans[name] = slice(start, start := start + int(np.prod(shape)))
    rows = []
    for name, span in spans.items():
        worst, at = Score(), None
        for n, truth in envelope.truth.items():
            if n not in mine or (chaos is not None and n >= chaos):
                continue
            t, c, r = truth[span], mine[n][span], reference[n][span]
            explained = Size.of(r - t) | Size.of(t) * u
            for run in envelope.moved:
                explained |= Size.of(run[n][span] - t)
            if not np.isfinite(c).all() and np.isfinite(r).all():
                found = Score(float("inf"), float("inf"))
            else:
                found = score(Size.of(c - t), explained)
            if at is None or found.value > worst.value:
                worst, at = found, n
        rows.append(_row(name, shapes[name], dtype, worst, at, mine, reference, span))
    return rows


def _row(name, shape, dtype, worst: Score, at, mine, reference, span) -> Row:
    label = f"weight {name}"
    dtype_name = np.dtype(dtype).name
    if at is None:
        return Row(label, shape, dtype_name, Judgement("match", 0.0, "not judged"))
    c, r = mine[at][span], reference[at][span]
    index = int(np.abs(c - r).argmax()) if c.size else 0
    judgement = Judgement(
        "match" if worst.ok else "mismatch",
        worst.value,
        f"step {at}",
        "" if worst.ok else "further from the float64 run than training drifts",
        index=tuple(map(int, np.unravel_index(index, shape))) if c.size else None,
        values=(float(c[index]), float(r[index])) if c.size else (),
    )
    return Row(label, shape, dtype_name, judgement)
