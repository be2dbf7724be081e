"""Writing the site: a folder that opens from the file system and asks nobody."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import jinja2
import numpy as np
import torch

from ..concepts.catalogue import concepts
from ..concepts.conventions import CONVENTIONS
from ..report.links import page_of, source_page
from . import docstrings, highlight
from .chapters import in_order
from .facts import Facts
from .pages import Page, Row
from .sources import Excerpt

HERE = Path(__file__).parent
SCRIPT = "const TWOFOLD_PAGES = {};\n"
WORDS_KEPT = 900  # of a page's text, in characters, for the search
RIGHT_HEAD = {
    "optim": "PyTorch, torch.optim",
    "nn.init": "PyTorch, torch.nn.init",
}


@dataclass
class Site:
    """`facts` is what was measured; without it pages say that nothing was checked."""

    folder: Path
    facts: Facts = field(default_factory=Facts)
    progress: Callable[[str, int], None] = lambda name, total: None

    def __post_init__(self):
        self.environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
        )
        self.environment.globals["versions"] = {
            "torch": torch.__version__.partition("+")[0],
            "numpy": np.__version__,
        }
        self.shown: set[str] = set()  # source files that some page quotes

    def build(self, pages: list[Page]) -> list[Page]:
        """The pages, in the order in which the index has them."""
        pages = [p for c in in_order([p.chapter for p in pages]) for p in _of(pages, c)]
        self.folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(HERE / "static", self.folder / "static", dirs_exist_ok=True)
        for at, page in enumerate(pages):
            before = pages[at - 1] if at else None
            after = pages[at + 1] if at + 1 < len(pages) else None
            content = self._page(page, before, after)
            self._write(page_of(page.name), "page.html", content)
            self.progress(page.name, len(pages))
        for path in sorted(self.shown):
            content = {"path": path, "html": highlight.whole_file(path)}
            self._write(source_page(path), "source.html", content)
        self._write("index.html", "index.html", self._index(pages))
        index = json.dumps([self._searchable(p) for p in pages], ensure_ascii=False)
        (self.folder / "search.js").write_text(SCRIPT.format(index), encoding="utf-8")
        return pages

    def _write(self, where: str, template: str, content: dict) -> None:
        path = self.folder / where
        path.parent.mkdir(parents=True, exist_ok=True)
        root = "../" * where.count("/")
        html = self.environment.get_template(template).render(root=root, **content)
        path.write_text(html, encoding="utf-8")

    # One page.

    def _page(self, page: Page, before: Page | None, after: Page | None) -> dict:
        verdict, verdict_text = self.facts.verdict(page)
        even = page.is_lesson or page.name.startswith(("models.", "training."))
        timings = self.facts.timings(page.name)
        return {
            "page": page,
            "chapter_id": slug(page.chapter),
            "summary": _summary(page),
            "verdict": verdict,
            "verdict_text": verdict_text,
            "above": self._above(page),
            "even": even,
            "right_head": "PyTorch, torch.nn and autograd"
            if even
            else RIGHT_HEAD.get(
                page.name.rpartition(".")[0], "PyTorch, torch.nn and autograd"
            ),
            "sections": [self._section(page, s) for s in page.sections],
            "has_backward": any(r.is_backward for s in page.sections for r in s.rows),
            "experiment": [self._block(e) for e in page.experiment],
            "experiment_serves_both": any(e.name == "build" for e in page.experiment),
            "picture": self.facts.pictures.get(page.name),
            "picture_title": "Curves" if page.is_lesson else "Picture",
            "reference": self._reference(page),
            "kinks": CONVENTIONS.get(page.name, []),
            "used": [self.facts.used(name) for name in page.used],
            "report": self.facts.report(page.name),
            "limit": self.facts.limit,
            "ratio": f"{timings[0]['ratio']} × PyTorch’s time" if timings else "",
            "ratios": timings,
            "helpers": [self._block(e) for e in page.helpers],
            "helpers_open": _short(page),
            "links": self.facts.links(page, "../"),
            "before": before and {"href": page_of(before.name), "title": before.title},
            "after": after and {"href": page_of(after.name), "title": after.title},
        }

    def _above(self, page: Page) -> str:
        """What the docstring says before the rows, if no row is about it."""
        leads = [row.lead for s in page.sections for row in s.rows if row.lead]
        told = [*(page.docs.notes if not leads else [])]
        for head, paragraphs in (
            ("Forward", page.docs.forward),
            ("Backward", page.docs.backward),
        ):
            if paragraphs and paragraphs not in leads:
                told += [f"{head}: {paragraphs[0]}", *paragraphs[1:]]
        return docstrings.html(told)

    def _reference(self, page: Page) -> list[tuple[str, str]]:
        leads = [row.lead for s in page.sections for row in s.rows if row.lead]
        notes = [("Notes", page.docs.notes)] if leads and page.docs.notes else []
        found = notes + list(page.docs.rest().items())
        return [
            (head, docstrings.html(text if "Shape" in head else _sentences(text)))
            for head, text in found
            if text
        ]

    def _section(self, page: Page, section) -> dict:
        title, summary = "", ""
        if section.name != page.name:
            title = section.name
            words = [section.docs.summary]
            if words[0].endswith(":"):
                words += section.docs.notes[:1]
            summary = docstrings.html(words)
        known = section.name in concepts()
        return {
            "title": title,
            "href": page_of(section.name) if title and known else "",
            "summary": summary,
            "rows": [self._row(row) for row in section.rows],
        }

    def _row(self, row: Row) -> dict:
        return {
            "title": row.title,
            "number": row.number,
            "lead": docstrings.html(_sentences(row.lead)),
            "is_backward": "back" if row.is_backward else "",
            "left": [self._block(e) for e in row.left],
            "right": [self._block(e) for e in row.right],
        }

    def _block(self, code: Excerpt | str) -> dict:
        if isinstance(code, str):
            return highlight.snippet(code)
        self.shown.add(code.path)
        return highlight.block(code)

    # All pages.

    def _index(self, pages: list[Page]) -> dict:
        chapters = [
            {
                "id": slug(chapter),
                "title": chapter,
                "pages": [self._entry(p) for p in _of(pages, chapter)],
            }
            for chapter in in_order([p.chapter for p in pages])
        ]
        verdict, text = self.facts.overall()
        return {"chapters": chapters, "verdict": verdict, "verdict_text": text}

    def _entry(self, page: Page) -> dict:
        verdict, _ = self.facts.verdict(page)
        return {
            "href": page_of(page.name),
            "title": page.title,
            "summary": _summary(page, short=True),
            "verdict": verdict,
            "verdict_text": verdict or "not checked",
        }

    def _searchable(self, page: Page) -> dict:
        docs = page.docs
        said = [
            docs.summary,
            *docs.notes,
            *(p for s in docs.sections.values() for p in s),
        ]
        said += [row.title for s in page.sections for row in s.rows]
        said += [
            page.name,
            *page.used,
            *(s.name for s in page.sections),
            page.signature,
        ]
        short = docstrings.plain(docs.summary)
        return {
            "name": page.title,
            "href": page_of(page.name),
            "chapter": page.chapter,
            "about": short[:110] + ("…" if len(short) > 110 else ""),
            "text": _flat(" ".join(said)).lower()[:WORDS_KEPT],
        }


def _of(pages: list[Page], chapter: str) -> list[Page]:
    return [page for page in pages if page.chapter == chapter]


SHORT = 24  # lines: what is so short says little without what it calls


def _short(page: Page) -> bool:
    own = [e for s in page.sections for row in s.rows[1:] for e in row.left]
    return sum(len(e.lines) for e in own) <= SHORT


def slug(title: str) -> str:
    return "-".join(title.lower().replace(".", " ").split())


def _summary(page: Page, short: bool = False) -> str:
    text = _flat(page.docs.summary)
    if short and page.is_lesson:
        text = text.partition(". ")[0].rstrip(".") + "."
    return docstrings.inline(text) if text else escape(page.title)


def _flat(text: str) -> str:
    return " ".join(text.split())


def _sentences(paragraphs: list[str]) -> list[str]:
    """What followed a head and a colon begins a sentence now."""
    return [p[:1].upper() + p[1:] if i == 0 else p for i, p in enumerate(paragraphs)]
