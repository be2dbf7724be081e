"""Which concepts a lesson uses, and which lessons use a concept.

Read from the code: a lesson names `tree.nn.Linear`, `"ReLU"` or `training.full_batch`,
its networks name what they are made of.
"""

import ast
from functools import cache

from .. import lessons
from ..concepts.catalogue import Concept, concepts
from .sources import ROOT, parsed, path_of


def lesson_names() -> list[str]:
    return [n for n in lessons.NAMES if (ROOT / lesson_path(n)).is_file()]


def lesson_path(name: str) -> str:
    return f"compare/lessons/{name.replace('-', '_')}.py"


@cache
def used_by(lesson: str) -> tuple[str, ...]:
    """Concepts by full name, networks and loops first."""
    known = concepts()
    found: dict[str, None] = {}
    queue = [lesson_path(lesson)]
    seen = set()
    while queue:
        path = queue.pop(0)
        if path in seen:
            continue
        seen.add(path)
        for name in _named_in(path, known):
            found.setdefault(name)
            if name.startswith("models."):
                queue.append(path_of(known[name].scratch))
        queue += _shared_files(path)
    order = {f: i for i, f in enumerate(("models", "training"))}
    return tuple(sorted(found, key=lambda n: order.get(n.partition(".")[0], 2)))


def _named_in(path: str, known: dict[str, Concept]) -> list[str]:
    by_last = {}
    for name in known:
        by_last.setdefault(name.rpartition(".")[2], []).append(name)
    found = []
    for node in ast.walk(parsed(path)):
        owner, word = "", None
        if isinstance(node, ast.Attribute):
            word = node.attr
            owner = getattr(node.value, "attr", getattr(node.value, "id", ""))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            word = node.value
        elif isinstance(node, ast.Call) and _trains_as_usual(node):
            found.append("training.mini_batch")
        for name in by_last.get(word, ()):
            family = name.rpartition(".")[0].rpartition(".")[2]
            plain = word[0].isupper() and owner in ("", "s", "schedules")
            loop = family == "training" and not isinstance(node, ast.Attribute)
            if owner == family or plain or loop:
                found.append(name)
    return found


def _trains_as_usual(call: ast.Call) -> bool:
    """`side.train(model, criterion, optimizer)`, without a loop of its own."""
    named = {k.arg for k in call.keywords}
    return (
        getattr(call.func, "attr", "") == "train"
        and getattr(getattr(call.func, "value", None), "id", "") == "side"
        and len(call.args) == 3
        and "loop" not in named
    )


def _shared_files(path: str) -> list[str]:
    """Files beside the lesson that several lessons share, and that name no lesson."""
    if not path.startswith("compare/lessons/"):
        return []
    found = []
    for node in parsed(path).body:
        if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module:
            other = f"compare/lessons/{node.module}.py"
            if (ROOT / other).is_file():
                found.append(other)
    return found


@cache
def lessons_using(concept: str) -> tuple[str, ...]:
    return tuple(name for name in lesson_names() if concept in used_by(name))
