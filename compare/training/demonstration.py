"""A lesson without training: pairs checked on numbers, and shown."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ..api import check
from ..judge.row import Row, exact_row, merge
from ..report.report import Report
from .board import Board
from .lesson import Demonstration, Settings, command
from .outline import Outline


@dataclass
class Stage:
    """What a demonstration has at hand: `dtype` and `seed`, and ways to show things.

    What is drawn stands in the dashboard, what is said in the terminal too.
    """

    lesson: Demonstration
    settings: Settings
    board: Board | None
    tag: str
    rows: list[Row] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)

    @property
    def dtype(self) -> np.dtype:
        return np.dtype(self.settings.dtype)

    @property
    def seed(self) -> int:
        return self.settings.seed

    def check(self, name: str, mine: Callable, reference: Callable, *inputs, **options):
        """Compare a pair, as `twofold.check` does; its rows join those of the lesson.

        Returns the report. A pair that is meant to differ belongs to `expose`.
        """
        report = self._report(mine, reference, inputs, options)
        rows = [
            Row(f"{name}: {r.name}", r.shape, r.dtype, r.judgement) for r in report.rows
        ]
        self.rows = merge(self.rows, rows)
        self.checked.append(name)
        return report

    def expose(
        self, name: str, mine: Callable, reference: Callable, *inputs, **options
    ):
        """Compare a pair that is known to be wrong: the lesson fails if it matches."""
        report = self._report(mine, reference, inputs, options)
        caught = not report.ok
        self.rows.append(
            exact_row(f"{name}: caught", caught, "the mistake was not found")
        )
        return report

    def _report(self, mine, reference, inputs, options):
        options = {"dtype": self.dtype, "seed": self.seed, "draws": 1} | options
        return check(mine, reference, *inputs, **options)

    def same(self, name: str, same: bool) -> None:
        """A row for what must be equal bit for bit."""
        self.rows.append(exact_row(name, same))

    def say(self, line: str) -> None:
        self.lines.append(line)

    def show(self, tag: str, picture, side: str = "compare", step: int = 0) -> None:
        """A picture in the dashboard: see `board.Board.picture`."""
        if self.board is not None:
            self.board.picture(side, f"{self.tag}/{tag}", picture, step)

    def scalars(self, tag: str, values: dict[str, float], step: int) -> None:
        if self.board is not None:
            self.board.scalars(f"{self.tag}/{tag}", values, step)


def demonstrate(
    lesson: Demonstration, settings: Settings, board: Board | None = None
) -> Outline:
    """Run it in one precision."""
    started = time.perf_counter()
    tag = lesson.name + ("" if settings.dtype == "float32" else f"-{settings.dtype}")
    stage = Stage(lesson, settings, board, tag)
    try:
        lesson.show(stage)
    except ImportError as error:
        stage.notes.append(
            f"not all pictures: they need {error.name}: pip install '.[study]'"
        )
    report = Report(
        tag,
        stage.rows,
        seconds=time.perf_counter() - started,
        notes=stage.notes,
        cause=None if all(r.ok for r in stage.rows) else "unsettled",
        command=command(lesson, settings, {}),
    )
    outline = Outline(lesson.name, settings, report, findings=stage.lines)
    if board is not None:
        from .tables import verdict_markdown

        board.picture("compare", f"{tag}/verdict", verdict_markdown(outline), 0)
        board.flush()
    return outline
