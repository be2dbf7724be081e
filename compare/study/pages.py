"""What is on each page, before it is turned into HTML."""

import ast
import inspect
from dataclasses import dataclass, field

from .. import lessons
from ..concepts.catalogue import Concept, concepts
from . import docstrings
from .chapters import LESSONS, chapter_of
from .docstrings import Docs
from .sources import (
    Excerpt,
    bases_of,
    excerpt,
    functions,
    head_length,
    head_lines,
    helpers_of,
    lines_of,
    node_of,
    own_docstring,
    path_of,
    split_at_back,
    whole,
)
from .steps import AlignedRow, align, called_in_file
from .usage import Usage, usage
from .uses import lesson_path, used_by

WRITTEN_OUT = ("models", "training")  # families that torch_ref writes out
WAYS = {"forward", "_function", "update", "get_lr"}  # shown before what they call
ASIDE = {"extra_repr", "__repr__", "__len__", "state_dict", "load_state_dict"}


@dataclass
class Row:
    """One step: what is said about it, and the code of both sides.

    A side is a list of excerpts of files, or of lines that are in no file.
    """

    title: str
    number: int | None = None
    lead: list[str] = field(default_factory=list)
    left: list[Excerpt | str] = field(default_factory=list)
    right: list[Excerpt | str] = field(default_factory=list)

    @property
    def is_backward(self) -> bool:
        return "backward" in self.title.lower()


@dataclass
class Section:
    """Rows that belong together; `name` links a concept's own page."""

    rows: list[Row]
    name: str = ""
    docs: Docs = field(default_factory=Docs)


@dataclass
class Page:
    """`docs` is the docstring, of which rows have taken what is about them."""

    name: str
    title: str
    chapter: str
    docs: Docs
    sections: list[Section]
    helpers: list[Excerpt] = field(default_factory=list)
    experiment: list[Excerpt] = field(default_factory=list)
    used: tuple[str, ...] = ()  # by a lesson
    signature: str = ""

    @property
    def is_lesson(self) -> bool:
        return self.chapter == LESSONS


def concept_page(concept: Concept) -> Page:
    docs = docstrings.parse(own_docstring(concept.scratch))
    page = Page(concept.name, concept.name, chapter_of(concept), docs, [])
    if concept.family in WRITTEN_OUT:
        page.sections = aligned_sections(concept, docs)
        return page
    offered = usage(concept)
    page.signature = offered.signature
    things = [concept.scratch]
    if inspect.isclass(concept.scratch):
        near, far = _split_bases(concept.scratch)
        things += near
        helpers = helpers_of([*things, *far])
        rows = _class_rows(things, docs, offered, concept.family, helpers)
        page.helpers = [whole(base) for base in far]
    else:
        helpers = helpers_of(things)
        rows = _function_rows(concept.scratch, docs, offered)
    for number, row in enumerate(rows, 1):
        row.number = number
    page.sections = [Section(rows, concept.name, docs)]
    page.helpers += [whole(helper) for helper in helpers]
    return page


def lesson_page(name: str) -> Page:
    lesson = lessons.load(name)
    shows = " ".join(lesson.shows.split())
    used = used_by(name)
    page = Page(
        f"lessons.{name}", lesson.title, LESSONS, Docs(summary=shows), [], used=used
    )
    known = concepts()
    done: set[str] = set()
    for concept in (known[n] for n in used if n.partition(".")[0] in WRITTEN_OUT):
        sections = aligned_sections(concept, docstrings.parse(concept.scratch.__doc__))
        sections = [s for s in sections if s.name not in done]
        done |= {s.name for s in sections}
        page.sections += sections
    start = getattr(lesson, "build", None) or lesson.show
    if _is_in(start, lesson_path(name)):
        module = inspect.getmodule(start)
        called = [getattr(module, f) for f in called_in_file(start)]
        page.experiment = [whole(f) for f in (start, *called)]
    return page


def _is_in(function, path: str) -> bool:
    return inspect.isfunction(function) and path_of(function) == path


# Pairs that are written out on both sides: aligned by their numbered steps.


def aligned_sections(concept: Concept, docs: Docs) -> list[Section]:
    """Raises StepsDiffer."""
    sections = [_aligned(concept.name, concept.scratch, concept.torch, docs)]
    if concept.family == "training" and inspect.isfunction(concept.scratch):
        for name in called_in_file(concept.scratch):
            mine, theirs = (
                inspect.getmodule(side).__dict__[name]
                for side in (concept.scratch, concept.torch)
            )
            inner = docstrings.parse(mine.__doc__)
            full = f"training.{name}"
            sections.append(_aligned(full, mine, theirs, inner))
    return sections


def _aligned(name: str, mine, theirs, docs: Docs) -> Section:
    rows = [_with_words(row) for row in align(mine, theirs)]
    for row in rows:
        if row.is_backward and docs.backward:
            row.lead = docs.backward
        elif "forward" in row.title.lower() and docs.forward:
            row.lead = docs.forward
    return Section(rows, name, docs)


def _with_words(row: AlignedRow) -> Row:
    left, right = ([side] if side else [] for side in (row.left, row.right))
    return Row(_as_heading(row), row.number, [], left, right)


def _as_heading(row: AlignedRow) -> str:
    """With a capital, unless it begins with a formula or is a function's name."""
    word = row.title.partition(" ")[0].rstrip(":,")
    if row.number and word.isalpha() and len(word) > 1:
        return row.title[:1].upper() + row.title[1:]
    return row.title


# Pairs whose other side is PyTorch's own.


def _split_bases(cls: type) -> tuple[list[type], list[type]]:
    """The private bases to be shown in the rows, and those that stand below.

    Those of the same file are shown; if there is no way forward among them, all are.
    """
    bases = bases_of(cls)
    near = [b for b in bases if b.__module__ == cls.__module__]
    names = {"forward", "_function", "update", "step", "get_lr"}
    if any(names & set(vars(c)) for c in (cls, *near)):
        return near, [b for b in bases if b not in near]
    return bases, []


def _class_rows(
    things, docs: Docs, offered: Usage, family: str, helpers: list
) -> list[Row]:
    """`helpers` loses the one that has the way back, if no method has it."""
    construct, forward, backward = [], [], []
    needed = _needed(things) if family == "nn" else None
    seen = set()  # what a class has of its own hides what it inherits
    for thing in things:
        node, path = node_of(thing), path_of(thing)
        head = head_lines(node)
        for function in functions(node):
            name = f"{thing.__name__}.{function.name}"
            if function.name in ("__init__", "reset_parameters"):
                lines = [*head, *lines_of(function)]
                construct.append(excerpt(path, sorted(set(lines)), name))
                head = []
            elif function.name not in ASIDE | seen and (
                not needed or function.name in needed
            ):
                there, back = split_at_back(path, function)
                seen.add(function.name)
                forward.append(excerpt(path, there, name))
                backward.append(excerpt(path, back, name))
        says = len(head) > head_length(node) or thing is things[0]
        if head and says:
            construct.append(excerpt(path, head, thing.__name__))
    forward.sort(key=lambda e: e is None or e.name.rpartition(".")[2] not in WAYS)
    if family == "nn" and not any(backward):
        _take_way_back(helpers, forward, backward)
    told = list(docs.notes) if family.startswith("optim") else []
    middle = {
        "optim": "One step",
        "optim.lr_scheduler": "The rate",
        "optim.swa_utils": "Averaging",
    }
    rows = [
        Row("Construction", None, [], construct, _given(offered.signature, offered)),
        Row(
            middle.get(family, "Forward pass"),
            None,
            docs.forward or told,
            forward,
            _lines(offered.forward),
        ),
        Row("Backward pass", None, docs.backward, backward, _lines(offered.backward)),
    ]
    if told and not docs.forward:
        docs.notes.clear()
    for row in rows:
        row.left = [e for e in row.left if e]
    return [row for row in rows if row.left or (row.lead and row.right)]


def _take_way_back(helpers: list, forward: list, backward: list) -> None:
    """The first function that has one, from the helpers into the rows."""
    for helper in helpers:
        path = path_of(helper)
        there, back = split_at_back(path, node_of(helper))
        if back:
            helpers.remove(helper)
            forward.append(excerpt(path, there, helper.__name__))
            backward.append(excerpt(path, back, helper.__name__))
            return


def _needed(things: list[type]) -> set[str]:
    """Methods that the way forward calls, and those that they call."""
    methods = {f.name: f for t in reversed(things) for f in functions(node_of(t))}
    found, queue = set(), ["forward", "_function"]
    while queue:
        name = queue.pop()
        if name in found or name not in methods:
            continue
        found.add(name)
        queue += [
            n.attr for n in ast.walk(methods[name]) if isinstance(n, ast.Attribute)
        ]
    return found


def _given(signature: str, offered: Usage) -> list[str]:
    return [code for code in (signature, offered.construct) if code]


def _lines(code: str) -> list[str]:
    return [code] if code else []


def _function_rows(function, docs: Docs, offered: Usage) -> list[Row]:
    path, node = path_of(function), node_of(function)
    there, back = split_at_back(path, node)
    name = function.__qualname__
    title = "Forward pass" if back else "By hand"
    right = [offered.signature, *_lines(offered.forward)]
    rows = [Row(title, None, docs.forward, [excerpt(path, there, name)], right)]
    if back:
        left = [excerpt(path, back, name)]
        right = _lines(offered.backward)
        rows.append(Row("Backward pass", None, docs.backward, left, right))
    return rows


def all_pages() -> list[Page]:
    """Raises StepsDiffer for the first pair whose sides are not aligned."""
    from .uses import lesson_names

    known = concepts().values()
    pages = [lesson_page(name) for name in lesson_names()]
    return pages + [concept_page(concept) for concept in known]
