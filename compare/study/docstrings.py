r"""Docstrings as pages need them: sections, formulas, HTML.

A docstring is plain text with `code` and $formulas$. Sections begin with one of a few
words and a colon (Forward, Backward, Shape, Source, Raises, State); whatever begins
with none of them, and is not the rest of one, is a note.
"""

import inspect
import re
from dataclasses import dataclass, field
from html import escape

HEADS = (
    "Forward and backward",
    "Forward",
    "Backward",
    "Shape and errors",
    "Shape",
    "Source",
    "State",
    r"Raises(?: \w+(?:Error|Exception))?",
)
HEAD = re.compile(rf"(?:^|(?<=[.\])$])\s+)({'|'.join(HEADS)}):\s*")
FORMULA = re.compile(r"\$([^$]+)\$")
CODE = re.compile(r"``([^`]+)``|`([^`]+)`")


@dataclass
class Docs:
    """`summary` is the first paragraph; sections are paragraphs by their head."""

    summary: str = ""
    sections: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def take(self, *heads: str) -> list[str]:
        """The paragraphs of the first of these sections that is there."""
        return next((self.sections[h] for h in heads if h in self.sections), [])

    @property
    def forward(self) -> list[str]:
        return self.take("Forward", "Forward and backward")

    @property
    def backward(self) -> list[str]:
        return self.take("Backward")

    def rest(self) -> dict[str, list[str]]:
        told = ("Forward", "Backward", "Forward and backward")
        return {k: v for k, v in self.sections.items() if k not in told}


def parse(text: str | None) -> Docs:
    docs, head = Docs(), None
    for paragraph in re.split(r"\n\s*\n", inspect.cleandoc(text or "")):
        if not paragraph.strip():
            continue
        pieces = HEAD.split(paragraph)
        before, named = pieces[0], list(zip(pieces[1::2], pieces[2::2], strict=True))
        if before.strip():
            _add_unnamed(docs, before, head)
        for name, content in named:
            if name.startswith("Raises ") and content.strip():
                name, content = "Raises", f"{name.removeprefix('Raises ')}: {content}"
            docs.sections.setdefault(name, [])
            if content.strip():
                docs.sections[name].append(content)
            head = name
        if before.strip() and not named and not _goes_on(docs, head):
            head = None
    return docs


def _add_unnamed(docs: Docs, paragraph: str, head: str | None) -> None:
    if not docs.summary:
        docs.summary = paragraph
    elif head in docs.sections and (
        _goes_on(docs, head) or paragraph.lstrip().startswith("$")
    ):
        docs.sections[head].append(paragraph)
    else:
        docs.notes.append(paragraph)


def _goes_on(docs: Docs, head: str | None) -> bool:
    """Whether the section's last paragraph is an unfinished sentence."""
    said = docs.sections.get(head) if head else None
    return bool(said) and not said[-1].rstrip().endswith((".", "!", "?"))


def formulas(text: str | None) -> list[str]:
    plain = CODE.sub("", inspect.cleandoc(text or ""))
    return [" ".join(f.split()) for f in FORMULA.findall(plain)]


def inline(text: str) -> str:
    """One run of text: formulas and code marked, all else escaped."""
    out, at = [], 0
    for match in re.finditer(f"{FORMULA.pattern}|{CODE.pattern}", text):
        out.append(escape(text[at : match.start()]))
        formula, double, single = match.groups()
        if formula is not None:
            out.append(f'<span class="math">{escape(" ".join(formula.split()))}</span>')
        else:
            out.append(f"<code>{escape(double or single)}</code>")
        at = match.end()
    out.append(escape(text[at:]))
    return "".join(out).replace("\\*", "*")  # a star is no markup here


ITEM = re.compile(r"(?m)^\s*(\d+\.|-)\s+")
ERROR = re.compile(r"(?m)^\s*(\w+(?:Error|Warning|Exception)):\s+")


def html(paragraphs: list[str] | str) -> str:
    """Paragraphs, numbered and plain lists, and lists of errors."""
    if isinstance(paragraphs, str):
        paragraphs = [paragraphs]
    return "\n".join(_paragraph(p) for p in paragraphs)


def _paragraph(text: str) -> str:
    if _alone(text):
        return f'<p class="display">{inline(text)}</p>'
    errors = ERROR.split(text)
    if len(errors) > 1:
        pairs = zip(errors[1::2], errors[2::2], strict=True)
        items = "".join(
            f"<dt><code>{name}</code></dt><dd>{inline(_flat(what))}</dd>"
            for name, what in pairs
        )
        before = f"<p>{inline(errors[0])}</p>" if errors[0].strip() else ""
        return f"{before}<dl>{items}</dl>"
    pieces = ITEM.split(text)
    if len(pieces) > 1:
        tag = "ol" if pieces[1] != "-" else "ul"
        items = "".join(f"<li>{inline(_flat(p))}</li>" for p in pieces[2::2])
        before = f"<p>{inline(pieces[0])}</p>" if pieces[0].strip() else ""
        return f"{before}<{tag}>{items}</{tag}>"
    return f"<p>{inline(_flat(text))}</p>"


def _alone(text: str) -> bool:
    """Whether a paragraph is made of formulas and the marks between them."""
    return bool(FORMULA.search(text)) and not re.sub(
        r"[\s.,;]|and|hence", "", FORMULA.sub("", text)
    )


def _flat(text: str) -> str:
    return " ".join(text.split())


def plain(text: str) -> str:
    """Without the marks of formulas and code."""
    return " ".join(text.replace("$", "").replace("`", "").split())
