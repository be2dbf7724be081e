"""Reports as tables for a terminal, and as Markdown for the dashboard.

Numbers and verdicts never wrap and are never cut; the names beside them may fold. What
is left out on a narrow terminal is where the worst element is, not what the verdict is.
"""

import os

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..judge.row import Row
from .report import MARK, Report, legend, score_text

STYLE = {"match": "green", "imprecise": "yellow", "mismatch": "bold red"}
WIDE = 72  # columns from which on a table also says where
PLAIN_WIDTH = 100  # of what is no terminal


def console(stderr: bool = False) -> Console:
    found = Console(stderr=stderr, highlight=False)
    if not found.is_terminal and "COLUMNS" not in os.environ:
        found = Console(stderr=stderr, highlight=False, width=PLAIN_WIDTH)
    return found


def verdict_text(verdict: str) -> Text:
    return Text(f"{MARK[verdict]} {verdict}", style=STYLE[verdict])


def checks_table(reports: list[Report], width: int) -> Table:
    """One line for each concept."""
    table = new_table("concept", width)
    for report in reports:
        worst = report.worst
        table.add_row(
            report.name,
            verdict_text(report.verdict),
            score_text(worst.score) if worst else "0",
            *(
                [f"{report.draws} draws, worst: {where(worst)}"]
                if width >= WIDE
                else []
            ),
        )
    return table


def report_text(report: Report, width: int | None = None) -> str:
    """A report as plain text: its table, and what to know about the difference."""
    width = width or console().width
    target = Console(width=width, color_system=None, highlight=False)
    with target.capture() as captured:
        target.print(rows_table(report, width))
        target.print(legend(), style="dim")
    lines = [f"{report.name}: {report.verdict}", captured.get().rstrip()]
    return "\n".join([*lines, *report.words()])


def rows_table(report: Report, width: int) -> Table:
    """One line for each tensor."""
    table = new_table(report.name, width)
    for row in report.rows:
        where = f"{list(row.shape)} {row.judgement.stage}"
        table.add_row(
            row.name,
            verdict_text(row.verdict),
            score_text(row.score),
            *([where] if width >= WIDE else []),
        )
    return table


def new_table(first: str, width: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column(first, overflow="fold")
    table.add_column("verdict", no_wrap=True)
    table.add_column("score", justify="right", no_wrap=True)
    if width >= WIDE:
        table.add_column("where", overflow="fold", style="dim")
    return table


def severity(row: Row) -> tuple:
    return ("match", "imprecise", "mismatch").index(row.verdict), row.score


def where(row: Row | None) -> str:
    if row is None:
        return "nothing compared"
    name = row.name.removeprefix("one step: ").removeprefix("weight ")
    return f"{name} ({row.judgement.stage})"
