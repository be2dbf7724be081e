"""Reports as tables for a terminal, and as Markdown for the dashboard.

Numbers and verdicts never wrap and are never cut; the names beside them may fold. What
is left out on a narrow terminal is where the worst element is, not what the verdict is.
"""

import os

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .numerics import LIMIT
from .report import Report, Row
from .study.links import served

STYLE = {"match": "green", "imprecise": "yellow", "mismatch": "bold red"}
MARK = {"match": "✓", "imprecise": "~", "mismatch": "✗"}
WIDE = 72  # columns from which on a table also says where
PLAIN_WIDTH = 100  # of what is no terminal


def console(stderr: bool = False) -> Console:
    found = Console(stderr=stderr, highlight=False)
    if not found.is_terminal and "COLUMNS" not in os.environ:
        found = Console(stderr=stderr, highlight=False, width=PLAIN_WIDTH)
    return found


def verdict_text(verdict: str) -> Text:
    return Text(f"{MARK[verdict]} {verdict}", style=STYLE[verdict])


def score_text(score: float) -> str:
    """A score in at most seven characters."""
    if score == 0:
        return "0"
    return f"{score:.1f}" if score < 1000 else f"{score:.0e}"


def checks_table(reports: list[Report], width: int) -> Table:
    """One line for each concept."""
    table = _table("concept", width)
    for report in reports:
        worst = report.worst
        table.add_row(
            report.name,
            verdict_text(report.verdict),
            score_text(worst.score) if worst else "0",
            *(
                [f"{report.draws} draws, worst: {_where(worst)}"]
                if width >= WIDE
                else []
            ),
        )
    return table


def lesson_table(outline, width: int) -> Table:
    """One line for each kind of tensor, with its worst score."""
    table = _table(outline.report.name, width)
    for label, rows in grouped(outline).items():
        worst = max(rows, key=_severity)
        count = f"{len(rows)} tensors, worst: " if len(rows) > 1 else ""
        table.add_row(
            label,
            verdict_text(worst.verdict),
            score_text(worst.score),
            *([count + _where(worst)] if width >= WIDE else []),
        )
    return table


def print_race(target: Console, outlines: list, lesson) -> None:
    """A lesson in one precision: its table, what differs, what to know and to see."""
    target.print()
    target.print(lesson.title, style="bold")
    if len(outlines) == 1:
        target.print(lesson_table(outlines[0], target.width))
    else:
        target.print(race_table(outlines, target.width))
    for outline in outlines:
        for line in difference_lines(outline.report):
            target.print(line, markup=False, style="red")
    lines = []
    if len(outlines) == 1:
        lines += lesson_lines(outlines[0], target.width)
    else:
        lines += race_lines(outlines)
        if lesson.conclude and not any(o.interrupted for o in outlines):
            lines += lesson.conclude(outlines)
    for line in lines:
        target.print(line, markup=False)


def race_table(outlines: list, width: int) -> Table:
    """One line for each variant: the worst of its tensors, and how good it became."""
    table = _table(outlines[0].report.name.partition(": ")[0], 0)
    measures = list(dict.fromkeys(m for o in outlines for m in o.results))
    for measure in measures:
        table.add_column(measure.removesuffix(", test"), justify="right", no_wrap=True)
    if width >= WIDE:
        table.add_column("steps", justify="right", style="dim")
    for outline in outlines:
        worst = outline.report.worst
        row = [
            outline.variant,
            verdict_text(outline.report.verdict),
            score_text(worst.score) if worst else "0",
        ]
        for measure in measures:
            value = outline.results.get(measure)
            row.append("-" if value is None else f"{value['scratch']:.3f}")
        table.add_row(*row, *([str(outline.steps)] if width >= WIDE else []))
    return table


def race_lines(outlines: list) -> list[str]:
    lines = []
    for outline in outlines:
        said = [*outline.findings, *(f"note: {note}" for note in outline.notes)]
        lines += [f"{outline.variant}: {line}" for line in said]
    seconds = sum(o.report.seconds for o in outlines)
    steps = sum(o.steps for o in outlines)
    return [*lines, f"{steps:,} steps compared on both sides, {seconds:.0f} s"]


def grouped(outline) -> dict[str, list[Row]]:
    """The rows of a lesson by what they are about."""
    groups: dict[str, list[Row]] = {}
    for row in outline.report.rows:
        groups.setdefault(_group(row.name, outline), []).append(row)
    return groups


def _group(name: str, outline) -> str:
    if name.startswith("one step: "):
        quantity, _, _ = name.removeprefix("one step: ").partition(" of ")
        quantity = {"grad": "gradients", "update": "updates"}.get(quantity, quantity)
        return f"{quantity}, one step"
    if name.startswith("weight "):
        return f"weights after 1 to {outline.judged_until} steps"
    return "prepared data" if name.startswith("prepared ") else name


def lesson_lines(outline, width: int) -> list[str]:
    """What a lesson came to, in words and numbers, for below its table."""
    lines = [f"{what}: {how}" for what, how in outline.equal.items()]
    for name, values in outline.results.items():
        mine, reference = values["scratch"], values["torch_ref"]
        lines.append(f"{name}: scratch {mine:.4f}, torch_ref {reference:.4f}")
    lines += outline.findings
    lines += clock_lines(outline) if outline.steps else []
    lines += [f"note: {note}" for note in outline.notes]
    return lines


def overhead_line(outlines: list) -> str:
    """What comparing and logging cost over all lessons of a run."""
    training = sum(o.clock["scratch"] + o.clock["torch"] for o in outlines)
    extra = sum(o.clock["compare"] + o.clock["log"] for o in outlines)
    share = 100 * extra / training if training else 0
    return (
        f"all in all: training {training:.1f} s, comparing every step and logging "
        f"{extra:.1f} s ({share:.0f}% of it)"
    )


def clock_lines(outline) -> list[str]:
    c = outline.clock
    training = c["scratch"] + c["torch"]
    extra = c["compare"] + c["log"]
    share = 100 * extra / training if training else 0
    return [
        f"training: scratch {c['scratch']:.2f} s, torch_ref {c['torch']:.2f} s; "
        f"comparing and logging: {extra:.2f} s ({share:.0f}% of it); "
        f"evaluating {c['evaluate']:.2f} s, pictures {c['pictures']:.2f} s",
        f"extra runs of the reference: envelope {c['envelope']:.2f} s, "
        f"{outline.judged_steps} single steps {c['judge']:.2f} s",
    ]


def report_text(report: Report, width: int = WIDE) -> str:
    """A report as plain text: its table, and what to know about the difference."""
    target = Console(width=width, color_system=None, highlight=False)
    with target.capture() as captured:
        target.print(rows_table(report, width))
    lines = [f"{report.name}: {report.verdict}", captured.get().rstrip()]
    return "\n".join([*lines, *difference_lines(report)])


def rows_table(report: Report, width: int) -> Table:
    """One line for each tensor."""
    table = _table(report.name, width)
    for row in report.rows:
        where = f"{list(row.shape)} {row.judgement.stage}"
        table.add_row(
            row.name,
            verdict_text(row.verdict),
            score_text(row.score),
            *([where] if width >= WIDE else []),
        )
    return table


def difference_lines(report: Report) -> list[str]:
    """What a user needs to know about the first tensor that differs."""
    row = next((row for row in report.rows if not row.ok), None)
    if row is None:
        return []
    lines = [
        f"first difference: {report.first}",
        f"  {row.name}, shape {row.shape}, {row.dtype}",
        f"  score {score_text(row.score)}, limit {LIMIT:.0f} "
        "(units of what rounding explains for these inputs)",
    ]
    if row.judgement.reason:
        lines.append(f"  {row.judgement.reason}")
    if row.index is not None:
        lines.append(
            f"  at {list(row.index)}: mine {row.mine!r}, reference {row.reference!r}"
        )
    if report.cause:
        lines.append(f"  cause: {report.cause}")
    lines += [f"  {note}" for note in report.notes]
    if report.command:
        lines.append(f"  again: {report.command}")
    return lines


def verdict_markdown(outline) -> str:
    """The table of a lesson for the dashboard's Text tab."""
    lines = [
        f"**{outline.report.verdict}**: {outline.report.name}, {outline.steps} steps. "
        f"Limit {LIMIT:.0f}, in units of what rounding explains.",
        "",
        "| quantity | verdict | score | tensors | worst |",
        "| --- | --- | ---: | ---: | --- |",
    ]
    for label, rows in grouped(outline).items():
        worst = max(rows, key=_severity)
        lines.append(
            f"| {label} | {worst.verdict} | {score_text(worst.score)} | {len(rows)} "
            f"| {_where(worst)} |"
        )
    lines += ["", *(f"- {line}" for line in lesson_lines(outline, WIDE))]
    page = served(f"lessons.{outline.lesson}")
    lines += ["", f"[Both codes, line by line]({page}), with `twofold study --serve`."]
    return "\n".join(lines)


def _table(first: str, width: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column(first, overflow="fold")
    table.add_column("verdict", no_wrap=True)
    table.add_column("score", justify="right", no_wrap=True)
    if width >= WIDE:
        table.add_column("where", overflow="fold", style="dim")
    return table


def _severity(row: Row) -> tuple:
    return ("match", "imprecise", "mismatch").index(row.verdict), row.score


def _where(row: Row | None) -> str:
    if row is None:
        return "nothing compared"
    name = row.name.removeprefix("one step: ").removeprefix("weight ")
    return f"{name} ({row.judgement.stage})"
