"""False alarms and what is missed, at awkward inputs, over operations written twice.

    python tests/awkward.py --draws 10000 --seed 0 --jobs 2
    python tests/awkward.py --planted 2000 --seed 0 --jobs 2

Correct code is judged with float64 and without; whatever is not "ok" is an alarm and is
printed with what it is. Then mistakes are planted in the same operations, and those
that are not found are printed.
"""

import sys
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import torch

import twofold
from twofold.compare.concepts.sweep import sweep
from twofold.compare.judge.second_look import is_convention

sys.path.insert(0, str(Path(__file__).parent / "shared"))
CHUNK = 100


@dataclass(frozen=True)
class Draw:
    """One operation at one awkward input."""

    operation: str
    kind: str
    seed: int
    float64: bool

    def __str__(self) -> str:
        alone = "" if self.float64 else ", float64=False"
        return f"{self.operation} at {self.kind}, seed {self.seed}{alone}"

    @property
    def inputs(self) -> tuple:
        from awkward_inputs import KINDS
        from other_formulas import OPERATIONS

        rng = np.random.default_rng([self.seed, 0x61])
        x = KINDS[self.kind](rng)
        return OPERATIONS[self.operation].inputs(x, rng)

    @property
    def is_refused(self) -> bool:
        """Whether PyTorch does not take such an input."""
        from other_formulas import OPERATIONS

        arrays = map(torch.from_numpy, map(np.ascontiguousarray, self.inputs))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                OPERATIONS[self.operation].reference(*arrays)
        except (RuntimeError, ValueError, IndexError):
            return True
        return False

    def check(self, change=None):
        """The report on the operation, or on one with this change."""
        from other_formulas import OPERATIONS

        both = OPERATIONS[self.operation]
        mine = both.mine if change is None else change(both.mine, self.seed)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return twofold.check(
                mine,
                both.reference,
                *self.inputs,
                draws=1,
                seed=self.seed,
                float64=self.float64,
            )


def draws(count: int, seed: int) -> list[Draw]:
    """Every operation at every kind of input in turn, half of them without float64."""
    from awkward_inputs import KINDS
    from other_formulas import OPERATIONS

    places = [
        (name, kind)
        for name, o in OPERATIONS.items()
        for kind in KINDS
        if not (o.finite and kind == "fill -inf")
    ]
    rng = np.random.default_rng(seed)
    found = []
    while len(found) < count:
        for i in rng.permutation(len(places)):
            seed = int(rng.integers(2**31))
            found += [Draw(*places[i], seed, float64) for float64 in (True, False)]
    return found[:count]


# Correct code.


def alarms(chunk: list[Draw]) -> tuple[int, list[tuple[str, Draw, str]]]:
    """How many were judged, and (what it is, where, the row) of every alarm."""
    found, judged = [], 0
    for draw in chunk:
        if draw.is_refused:
            continue
        try:
            report = draw.check()
        except (RuntimeError, ValueError, IndexError, TypeError) as error:
            found.append(("refused", draw, f"{type(error).__name__}: {error}"[:100]))
            continue
        judged += 1
        if not report.ok:
            row = next(row for row in report.rows if not row.ok)
            found.append((what_it_is(report), draw, shown(report, row)))
    return judged, found


def what_it_is(report) -> str:
    failing = [row for row in report.rows if not row.ok]
    if all(map(is_convention, failing)):
        return "convention"
    if all(row.verdict == "imprecise" for row in failing):
        side = failing[0].judgement.side
        return f"imprecise: {side}"
    return "mismatch"


def shown(report, row) -> str:
    j = row.judgement
    return (
        f"{row.name} {row.shape} score {row.score:.3g} in {j.stage}, mine {row.mine} "
        f"reference {row.reference}, cause {report.cause}: {j.reason[:70]}"
    )


# Mistakes.


def planted(change_y=None, change_dx=None):
    """A mistake in the output or in the first gradient, told by what it changes."""

    def change(mine, seed):
        def wrong(*arrays):
            y, back = mine(*arrays)
            rng = np.random.default_rng([seed, 0x77])
            if change_y is not None:
                y = change_y(np.array(y), rng).astype(y.dtype)

            def wrong_back(dy):
                dx = back(dy)
                if change_dx is None:
                    return dx
                first, *others = dx if isinstance(dx, tuple) else (dx,)
                first = change_dx(np.array(first), rng).astype(first.dtype)
                return (first, *others) if others else first

            return y, wrong_back

        return wrong

    return change


def one_element(x, rng):
    """One of the larger ones: beside them the smallest are rounding."""
    if x.size:
        large = np.flatnonzero(np.abs(x) >= np.abs(x).max() / 100)
        x.flat[rng.choice(large)] *= 1.01 if x.dtype.kind == "f" else 2
    return x


def negated_element(x, rng):
    if x.size:
        x.flat[np.abs(x).argmax()] *= -1
    return x


def one_level(x, rng):
    return x + 1 if x.dtype.kind == "i" else x + np.abs(x).max(initial=0) / 127


def without_last(x, rng):
    if x.ndim:
        x[..., -1] = 0
    return x


MISTAKES = {
    "output 1.01": planted(change_y=lambda x, rng: x * 1.01),
    "slope 1.01": planted(change_dx=lambda x, rng: x * 1.01),
    "one output off": planted(change_y=one_element),
    "one slope off": planted(change_dx=one_element),
    "output's sign": planted(change_y=lambda x, rng: -x),
    "slope's sign": planted(change_dx=lambda x, rng: -x),
    "one output's sign": planted(change_y=negated_element),
    "one level off": planted(change_y=one_level),
    "rows exchanged": planted(change_dx=lambda x, rng: np.roll(x, 1, axis=0)),
    "last column lost": planted(change_dx=without_last),
}


def missed(chunk: list[Draw]) -> tuple[int, list[tuple[str, Draw, str]]]:
    """How many mistakes changed anything, and those of them that were not found."""
    found, made = [], 0
    for draw in chunk:
        if draw.is_refused:
            continue
        name = list(MISTAKES)[draw.seed % len(MISTAKES)]
        try:
            change = changes_by(draw, MISTAKES[name])
            if change == 0:
                continue
            report = draw.check(MISTAKES[name])
        except (RuntimeError, ValueError, IndexError, TypeError):
            continue
        made += 1
        if report.ok:
            rows = {r.name: r for r in report.rows}
            seen = max((r.judgement.resolution or 0) for r in rows.values())
            about = f"changes {change:.1e} of it, resolution {seen:.1e}"
            found.append((name, draw, about))
    return made, found


def changes_by(draw: Draw, mistake) -> float:
    """The part of the tensor's size by which the mistake moves it, in float64."""
    from other_formulas import OPERATIONS

    mine = OPERATIONS[draw.operation].mine
    parts = []
    with np.errstate(all="ignore"):
        right, wrong = mine(*draw.inputs), mistake(mine, draw.seed)(*draw.inputs)
        dy = np.random.default_rng(draw.seed).standard_normal(np.shape(right[0]))
        for a, b in ((right[0], wrong[0]), (first(right, dy), first(wrong, dy))):
            a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
            finite = np.isfinite(a) & np.isfinite(b)
            size = np.abs(a[finite]).max(initial=0)
            gap = np.abs((a - b)[finite]).max(initial=0)
            parts.append(gap / size if size else gap)
    return max(parts)


def first(pair, dy):
    dx = pair[1](dy)
    return dx[0] if isinstance(dx, tuple) else dx


# Both.


@click.command()
@click.option("--draws", "count", default=10000, show_default=True)
@click.option("--planted", "wrong", default=2000, show_default=True)
@click.option("--seed", default=0, show_default=True)
@click.option("--jobs", default=2, show_default=True)
def main(count: int, wrong: int, seed: int, jobs: int):
    told = tell("alarms", alarms, draws(count, seed), jobs)
    lost = tell("not found", missed, draws(wrong, seed + 1), jobs)
    sys.exit(told + lost > 0)


def tell(what: str, judge, every: list[Draw], jobs: int) -> int:
    chunks = [(every[i : i + CHUNK],) for i in range(0, len(every), CHUNK)]
    total, found = 0, []
    for _, (number, some) in sweep(judge, chunks, jobs=jobs):
        total += number
        found += some
    for name, number in sorted(Counter(kind for kind, *_ in found).items()):
        print(f"{name}: {number}")
        for kind, draw, about in sorted(found, key=lambda f: str(f[1])):
            if kind == name:
                print(f"    {draw}\n        {about}")
    print(f"{len(found)} {what} in {total:,} draws", flush=True)
    return len(found)


if __name__ == "__main__":
    main()
