"""A report as GitHub Actions shows it: an annotation of a line, and a job summary."""

import os
from pathlib import Path

from .report import Report, legend, score_text


def tell_github(report: Report, file: str, line: int) -> None:
    """Print the annotation that Actions looks for in the output, and add the table to
    the summary of the job, if it has one."""
    first = f"{report.name}: {report.first}"
    cause = f" ({report.cause})" if report.cause else ""
    message = _escaped(f"{first}{cause}")
    print(
        f"\n::error file={_escaped(file, property=True)},line={line},"
        f"title=parity {report.verdict}::{message}"
    )
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        with Path(summary).open("a", encoding="utf-8") as target:
            target.write(report_markdown(report) + "\n\n")


def report_markdown(report: Report) -> str:
    """The table of a report, and what is to be known of its first difference."""
    lines = [
        f"### {_cell(report.name)}: {report.verdict}",
        "",
        "| tensor | shape | verdict | score | mine | reference |",
        "| --- | --- | --- | ---: | ---: | ---: |",
    ]
    for row in report.rows:
        cells = (
            row.name,
            "×".join(map(str, row.shape)) or "scalar",
            row.verdict,
            score_text(row.score),
            "" if row.mine is None else row.mine,
            "" if row.reference is None else row.reference,
        )
        lines.append("| " + " | ".join(_cell(str(cell)) for cell in cells) + " |")
    lines += ["", legend(), "", "```", *report.words(), "```"]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def _escaped(text: str, property: bool = False) -> str:
    """As the workflow commands of Actions want it."""
    for sign, code in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A")):
        text = text.replace(sign, code)
    if property:
        text = text.replace(":", "%3A").replace(",", "%2C")
    return text
