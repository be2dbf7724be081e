"""What a page shows of a run is kept until the code that it is about changes.

It is kept under a hash of the files concerned and of the versions of torch and NumPy.
"""

import ast
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch

from ..concepts.sweep import sweep
from ..files.traces import make_ignored
from .sources import ROOT, parsed

KEPT = Path(".parity") / "study.json"


@dataclass(frozen=True)
class Task:
    """`function(*arguments)` gives something that JSON can hold; `key` changes when
    the result may."""

    name: str
    key: str
    function: Callable
    arguments: tuple


def results(
    tasks: list[Task],
    kept: Path | None = KEPT,
    jobs: int = -1,
    progress: Callable[[str, int], None] = lambda name, total: None,
) -> dict[str, object]:
    """By name; only what is not kept is run, on all cores."""
    known = _load(kept)
    missing = [task for task in tasks if _label(task) not in known]
    if missing:
        calls = [(task.function, *task.arguments) for task in missing]
        try:
            for number, found in sweep(_call, calls, jobs=jobs):
                known[_label(missing[number])] = found
                progress(missing[number].name, len(missing))
        finally:  # what is done need not be done again, also after an interruption
            if kept is not None:
                _save(kept, tasks, known)
    return {task.name: known[_label(task)] for task in tasks}


def _call(function: Callable, *arguments):
    return function(*arguments)


def _label(task: Task) -> str:
    return f"{task.name} {task.key}"


def _load(path: Path | None) -> dict:
    if path is None or not path.is_file():
        return {}
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return {}  # cut off: it is made again


def _save(path: Path, tasks: list[Task], known: dict) -> None:
    """What is about older code is dropped; what was not asked for stays."""
    from ..files.traces import atomically

    names = {task.name for task in tasks}
    current = {_label(task) for task in tasks}
    left = {
        label: found
        for label, found in known.items()
        if label in current or label.rpartition(" ")[0] not in names
    }
    make_ignored(path.parent)
    with atomically(path) as partial:
        partial.write_text(json.dumps(left), encoding="utf-8")


def fingerprint(files: Iterable[str], *words: str) -> str:
    """Changes when one of the files does, or torch, or NumPy, or a word."""
    seen = hashlib.sha256()
    for word in (torch.__version__, np.__version__, *words):
        seen.update(word.encode())
    for path in sorted(set(files)):
        seen.update(path.encode())
        seen.update(_content(path))
    return seen.hexdigest()[:24]


@cache
def _content(path: str) -> bytes:
    return (ROOT / path).read_bytes()


@cache
def closure(module: str) -> frozenset[str]:
    """The files that a module of ours is made of: its own, and what it imports.

    Cases are left out, since each concept has its own; so is what the harness imports
    of the two sides, whose concepts are asked for one by one.
    """
    found, queue = set(), [module]
    while queue:
        path = file_of(queue.pop())
        if path is None or path in found or path.startswith("compare/concepts/cases/"):
            continue
        found.add(path)
        queue += _imports(path)
    return frozenset(found)


def file_of(module: str) -> str | None:
    base = module.removeprefix("twofold.").replace(".", "/")
    for path in (f"{base}.py", f"{base}/__init__.py"):
        if (ROOT / path).is_file():
            return path
    return None


@cache
def _imports(path: str) -> tuple[str, ...]:
    package, tree = Path(path).parent.parts, path.partition("/")[0]
    found = []
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                found.append(inner if file_of(inner) else base)
    return tuple(name for name in found if name.partition(".")[0] == tree)
