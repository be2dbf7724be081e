"""What was measured, as pages show it: verdicts, first losses, times; and the links."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from ..numerics.scores import LIMIT
from ..report.html import shown_row, tensor_table
from ..report.links import page_of
from ..training.board import deep_link
from .pages import Page
from .pictures.drawing import Picture
from .uses import lessons_using

BOARD_PORT = 6006
MANY, WORST = 14, 10  # rows of a table that is shown in part, and how many then
SEVERITY = ("match", "imprecise", "mismatch")


class BadTimings(Exception):
    """The file is not what `twofold bench --json` writes."""


@dataclass
class Facts:
    """`reports` by concept as `Report.to_json` gives them, `pictures` by page,
    `times` as `twofold bench --json` wrote them."""

    reports: dict[str, dict] = field(default_factory=dict)
    pictures: dict[str, Picture] = field(default_factory=dict)
    times: list[dict] = field(default_factory=list)
    limit: str = f"{LIMIT:.0f}"

    def verdict(self, page: Page) -> tuple[str, str]:
        """One word, and a few of them; the first is empty if nothing was checked."""
        if page.is_lesson:
            found = [self.reports[n]["verdict"] for n in page.used if n in self.reports]
            what = "concepts match"
        else:
            report = self.reports.get(page.name, {"rows": []})
            found, what = [row["verdict"] for row in report["rows"]], "checks match"
            if report["rows"] == [] and "verdict" in report:
                return report["verdict"], "it does not run"
        return _worst(found), _count(found, what)

    def overall(self) -> tuple[str, str]:
        found = [report["verdict"] for report in self.reports.values()]
        return _worst(found), _count(found, "concepts match")

    def report(self, name: str) -> dict | None:
        found = self.reports.get(name)
        if found is None:
            return None
        rows = found["rows"]
        worst = sorted(rows, key=_severity, reverse=True)[:WORST]
        return {
            **found,
            "count": len(rows),
            "rows": tensor_table(rows),
            "worst": tensor_table(worst) if len(rows) > MANY else "",
            "shown": len(worst),
        }

    def used(self, name: str) -> dict:
        """One line for a concept in a lesson: the worst of its tensors."""
        report = self.reports.get(name, {})
        rows = report.get("rows", [])
        worst = max(rows, key=_severity, default=None)
        return {
            "name": name,
            "href": page_of(name),
            "verdict": report.get("verdict", ""),
            "row": worst and shown_row(worst),
        }

    def timings(self, name: str) -> list[dict]:
        """The workloads whose names begin with the concept's."""
        last = name.rpartition(".")[2]
        begins = re.compile(rf"(?:{re.escape(name)}|{re.escape(last)})(?![\w.])")
        return [
            {
                "name": t["name"],
                "scratch": f"{1e3 * t['scratch']:.3g} ms",
                "torch": f"{1e3 * t['torch']:.3g} ms",
                "ratio": f"{t['scratch'] / t['torch']:.2f}",
            }
            for t in self.times
            if begins.match(t["name"])
        ]

    def links(self, page: Page, root: str) -> list[tuple[str, list[dict]]]:
        """Labels, and what stands behind each: a text, and where it leads if it does"""
        if page.is_lesson:
            name = page.name.partition(".")[2]
            names = [name]
            commands = [f"twofold run {name}"]
            using = []
        else:
            names = list(lessons_using(page.name))
            commands = [f"twofold check {page.name} --seed 0"]
            using = [{"text": n, "href": root + page_of(f"lessons.{n}")} for n in names]
        any_run = "[^/]*"
        boards = [
            {"text": name, "href": deep_link(any_run, name, BOARD_PORT)}
            for name in names
        ]
        files = {
            block.path: block
            for s in page.sections
            for row in s.rows
            for block in (*row.left, *row.right)
            if not isinstance(block, str)
        }
        sources = [
            {"text": path, "href": f"{root}source/{path}.html#L{block.lines[0]}"}
            for path, block in files.items()
        ]
        found = [
            ("Check it again", [{"text": c, "href": ""} for c in commands]),
            (
                "In the terminal",
                [
                    {
                        "text": f"twofold study {page.name.removeprefix('lessons.')}",
                        "href": "",
                    }
                ],
            ),
            ("Lessons that use it", using),
            ("Dashboard, after twofold board", boards),
            ("Sources", sources),
        ]
        return [(label, items) for label, items in found if items]


def read_timings(path: Path) -> list[dict]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return [{k: t[k] for k in ("name", "scratch", "torch")} for t in found]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadTimings(
            f"{path}: not what `twofold bench --json` writes: {error}"
        ) from None


def _severity(row: dict) -> tuple[int, float]:
    return SEVERITY.index(row["verdict"]), float(row["score"])


def _worst(verdicts: list[str]) -> str:
    return max(verdicts, key=SEVERITY.index, default="")


def _count(verdicts: list[str], what: str) -> str:
    if not verdicts:
        return "not checked"
    return f"{verdicts.count('match')} of {len(verdicts)} {what}"
