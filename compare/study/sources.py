"""Finding the code of a concept: files, lines, and what belongs together."""

import ast
import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from twofold import scratch

ROOT = Path(scratch.__file__).resolve().parents[1]


@dataclass(frozen=True)
class Excerpt:
    """Some lines of a file, by their numbers."""

    path: str  # from the root, with forward slashes
    lines: tuple[int, ...]
    name: str = ""  # whose lines they are

    @property
    def span(self) -> str:
        first, last = self.lines[0], self.lines[-1]
        return f"{first}" if first == last else f"{first}-{last}"

    def text(self) -> list[str]:
        lines = source_lines(self.path)
        return [lines[number - 1] for number in self.lines]


@cache
def source_lines(path: str) -> tuple[str, ...]:
    return tuple((ROOT / path).read_text(encoding="utf-8").splitlines())


@cache
def parsed(path: str) -> ast.Module:
    return ast.parse("\n".join(source_lines(path)))


def path_of(thing) -> str:
    """The file in which a class or function of ours is written."""
    file = Path(inspect.getsourcefile(inspect.unwrap(thing))).resolve()
    return file.relative_to(ROOT).as_posix()


def is_ours(thing, tree: str = "scratch") -> bool:
    return getattr(thing, "__module__", "").startswith(f"twofold.{tree}.")


def node_of(thing) -> ast.ClassDef | ast.FunctionDef:
    """Where it is defined, in the syntax tree of its file."""
    body = parsed(path_of(thing)).body
    for name in thing.__qualname__.split("."):
        (node,) = (n for n in body if getattr(n, "name", None) == name)
        body = node.body
    return node


def first_line(node) -> int:
    """With its decorators."""
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(d.lineno for d in decorators)])


def own_docstring(thing) -> str:
    """Of a class or function; not what a class inherits."""
    own = vars(thing).get("__doc__") if inspect.isclass(thing) else thing.__doc__
    return own or ""


def docstring_lines(node) -> range:
    """Nothing, if there is none."""
    if ast.get_docstring(node, clean=False) is None:
        return range(0)
    return range(node.body[0].lineno, node.body[0].end_lineno + 1)


def lines_of(node, without_docstring: bool = True) -> list[int]:
    """The lines of a definition; its docstring is told elsewhere on the page."""
    lines = range(first_line(node), node.end_lineno + 1)
    hidden = docstring_lines(node) if without_docstring else ()
    return [line for line in lines if line not in hidden]


def excerpt(path: str, lines, name: str = "") -> Excerpt | None:
    """Without empty lines at both ends, and None if nothing is left."""
    text = source_lines(path)
    lines = list(lines)
    while lines and not text[lines[0] - 1].strip():
        lines.pop(0)
    while lines and not text[lines[-1] - 1].strip():
        lines.pop()
    return Excerpt(path, tuple(lines), name) if lines else None


def whole(thing) -> Excerpt:
    """A function or class as one piece."""
    return excerpt(path_of(thing), lines_of(node_of(thing)), thing.__qualname__)


def functions(node: ast.ClassDef | ast.Module) -> list[ast.FunctionDef]:
    return [n for n in node.body if isinstance(n, ast.FunctionDef)]


def head_length(node: ast.ClassDef) -> int:
    """The lines of a class before its body."""
    text = range(first_line(node), node.body[0].lineno)
    return len(text) or 1


def head_lines(node: ast.ClassDef) -> list[int]:
    """The first line of a class and what it says outside its methods."""
    first = first_line(node)
    lines = list(range(first, first + head_length(node)))
    start = 1 if docstring_lines(node) else 0
    for n in node.body[start:]:
        declared = isinstance(n, ast.AnnAssign) and n.value is None
        if not (declared or isinstance(n, ast.FunctionDef | ast.ClassDef)):
            lines += range(n.lineno, n.end_lineno + 1)
    return lines


def split_at_back(path: str, function: ast.FunctionDef) -> tuple[list[int], list[int]]:
    """The lines of the forward pass, and those from the way back on."""
    lines, text = lines_of(function), source_lines(path)
    starts = [
        first_line(node)
        for node in ast.walk(function)
        if node is not function and _is_way_back(node)
    ]
    if not starts:
        return lines, []
    start = min(starts)
    while text[start - 2].strip().startswith("#"):
        start -= 1  # the comment above belongs to it
    return [n for n in lines if n < start], [n for n in lines if n >= start]


def _is_way_back(node) -> bool:
    if isinstance(node, ast.FunctionDef):
        return "back" in node.name
    return isinstance(node, ast.Return) and any(
        isinstance(n, ast.Lambda) for n in ast.walk(node)
    )


PUBLIC_BASES = {"Module", "Optimizer", "LRScheduler", "object", "Parameter"}


def bases_of(cls: type) -> list[type]:
    """Our classes without a page that it is made of, the nearest first.

    A public base is a concept of its own, and has a page.
    """
    found = []
    for base in cls.__mro__[1:]:
        if not is_ours(base) or base.__name__ in PUBLIC_BASES:
            continue
        public = getattr(sys.modules[base.__module__], "__all__", ())
        if base.__name__ not in public:
            found.append(base)
    return found


NOT_SHOWN = {f"twofold.scratch.{name}" for name in ("_arrays", "module", "random")}


def helpers_of(things: list) -> list:
    """Functions of ours that these call, and that those call, in order.

    What only looks at arguments is left out, and so is what has a page.
    """
    found, queue = [], list(things)
    while queue:
        thing = queue.pop(0)
        for other in _called(thing):
            known = other in found or other in things
            if known or other.__module__ in NOT_SHOWN or _only_refuses(other):
                continue
            found.append(other)
            queue.append(other)
    return found


def _called(thing) -> Iterator:
    module = sys.modules[thing.__module__]
    public = set(getattr(module, "__all__", ()))
    for node in ast.walk(node_of(thing)):
        other = None
        if isinstance(node, ast.Name):
            other = getattr(module, node.id, None)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner = getattr(module, node.value.id, None)
            if inspect.ismodule(owner):
                other = getattr(owner, node.attr, None)
        if inspect.isfunction(other) and is_ours(other):
            home = sys.modules[other.__module__]
            if other.__name__ not in public | set(getattr(home, "__all__", ())):
                yield other


def _only_refuses(function) -> bool:
    return function.__name__.startswith(("require_", "_require", "warn_", "_warn"))
