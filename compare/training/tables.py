"""Lessons as tables for a terminal, and as Markdown for the dashboard."""

from rich.console import Console
from rich.table import Table

from ..judge.row import Row
from ..numerics.scores import LIMIT
from ..report.links import served
from ..report.report import score_text
from ..report.tables import (
    WIDE,
    new_table,
    severity,
    verdict_text,
    where,
)


def lesson_table(outline, width: int) -> Table:
    """One line for each kind of tensor, with its worst score."""
    table = new_table(outline.report.name, width)
    for label, rows in grouped(outline).items():
        worst = max(rows, key=severity)
        count = f"{len(rows)} tensors, worst: " if len(rows) > 1 else ""
        table.add_row(
            label,
            verdict_text(worst.verdict),
            score_text(worst.score),
            *([count + where(worst)] if width >= WIDE else []),
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
        for line in [] if outline.ok else outline.report.words():
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
    table = new_table(outlines[0].report.name.partition(": ")[0], 0)
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
        worst = max(rows, key=severity)
        lines.append(
            f"| {label} | {worst.verdict} | {score_text(worst.score)} | {len(rows)} "
            f"| {where(worst)} |"
        )
    lines += ["", *(f"- {line}" for line in lesson_lines(outline, WIDE))]
    page = served(f"lessons.{outline.lesson}")
    lines += ["", f"[Both codes, line by line]({page}), with `twofold study --serve`."]
    return "\n".join(lines)
