"""Aligning two files by the numbered comments that both carry."""

import ast
import re
from dataclasses import dataclass

from .sources import (
    Excerpt,
    excerpt,
    first_line,
    functions,
    head_lines,
    lines_of,
    node_of,
    parsed,
    path_of,
    source_lines,
)

STEP = re.compile(r"\s*#\s*(\d+)\.\s+(.+)")


class StepsDiffer(Exception):
    """The headings of the two sides of a pair are not the same."""


@dataclass(frozen=True)
class Part:
    """A function or method, or what stands under one numbered heading in it."""

    owner: str  # "MLP.forward"
    number: int | None
    title: str
    code: Excerpt | None

    @property
    def heading(self) -> str:
        return f"{self.number}. {self.title}" if self.number else self.title


@dataclass(frozen=True)
class AlignedRow:
    """The same step on both sides; a side may be without code."""

    number: int | None
    title: str
    left: Excerpt | None
    right: Excerpt | None


def align(mine, theirs) -> list[AlignedRow]:
    """The steps of a class or function of ours beside those of its pair.

    Raises StepsDiffer, naming the first heading that differs and where it stands.
    """
    ours, refs = parts(mine), parts(theirs)
    _require_same_headings(mine, ours, theirs, refs)
    refs = {(part.owner, part.heading): part for part in refs}
    rows = []
    for part in ours:
        other = refs.pop((part.owner, part.heading), None)
        rows.append(
            AlignedRow(part.number, part.title, part.code, other and other.code)
        )
    rest = [AlignedRow(p.number, p.title, None, p.code) for p in refs.values()]
    return [row for row in rows + rest if row.left or row.right]


def _require_same_headings(mine, ours: list[Part], theirs, refs: list[Part]) -> None:
    left = [(p.owner, p.heading) for p in ours if p.number]
    right = [(p.owner, p.heading) for p in refs if p.number]
    if left == right:
        return
    at = next(
        (i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b),
        min(len(left), len(right)),
    )
    said = [
        f"{path_of(thing)}: {_said(steps[at] if at < len(steps) else None)}"
        for thing, steps in ((mine, left), (theirs, right))
    ]
    raise StepsDiffer(
        f"{mine.__qualname__}: the two sides do not take the same steps\n  "
        + "\n  ".join(said)
    )


def _said(step: tuple[str, str] | None) -> str:
    return "no further step" if step is None else f"# {step[1]}  (in {step[0]})"


def parts(thing) -> list[Part]:
    """A class or function cut at its headings, method by method."""
    node, path = node_of(thing), path_of(thing)
    if isinstance(node, ast.FunctionDef):
        return _cut(path, node, node.name, lines_of(node))
    found = []
    waiting = head_lines(node)  # goes with the first method
    for function in functions(node):
        owner = f"{node.name}.{function.name}"
        found += _cut(path, function, owner, [*waiting, *lines_of(function)])
        waiting = []
    return found or [Part(node.name, None, node.name, excerpt(path, waiting))]


def _cut(path: str, function, owner: str, lines: list[int]) -> list[Part]:
    text = source_lines(path)
    headings = [
        (line, int(match[1]), match[2])
        for line in lines
        if line >= first_line(function) and (match := STEP.match(text[line - 1]))
    ]
    if not headings:
        code = excerpt(path, lines, owner)
        return [Part(owner, None, function.name, code)]
    marks = {line for line, _, _ in headings}
    ends = [line for line, _, _ in headings[1:]] + [lines[-1] + 1]
    found, start = [], lines[0]
    for (_, number, title), end in zip(headings, ends, strict=True):
        inside = [n for n in lines if start <= n < end and n not in marks]
        found.append(Part(owner, number, title, excerpt(path, inside, owner)))
        start = end
    return found


def called_in_file(function) -> list[str]:
    """Names of the functions of the same file that it calls, each of theirs too."""
    path = path_of(function)
    nodes = {n.name: n for n in functions(parsed(path))}
    found, queue = [], [function.__name__]
    while queue:
        node = nodes.get(queue.pop(0))
        if node is None:
            continue
        for inner in ast.walk(node):
            name = getattr(inner, "id", None)
            if name in nodes and name not in found and name != function.__name__:
                found.append(name)
                queue.append(name)
    return found
