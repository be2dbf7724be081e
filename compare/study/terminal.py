"""A page in the terminal: two columns when there is room, stacked when not."""

import re

from rich.console import Console, Group
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from ..concepts.conventions import CONVENTIONS
from .docstrings import plain
from .highlight import GAP_MARK
from .pages import Page, Row, Section
from .sources import Excerpt

THEME = "ansi_dark"
LEFT, RIGHT = "bright_blue", "dark_orange"
ROOM = 6  # between and beside two columns
SPELLED = {  # LaTeX that a reader of plain text need not see
    r"\\[,;!]": " ",
    r"\\(?:mathrm|text|operatorname|hat|bar)\{([^{}]*)\}": r"\1",
    r"\\top": "ᵀ",
    r"\\(?:cdot|odot)": "·",
    r"\\sum": "Σ",
    r"\\partial": "∂",
    r"\\leftarrow": "←",
    r"\\le(?:q)?\b": "≤",
    r"\\ge(?:q)?\b": "≥",
    r"\\infty": "∞",
    r"\\sqrt": "√",
    r"\\pm": "±",
    r"\\d?frac\{([^{}]*)\}\{([^{}]*)\}": r"(\1)/(\2)",
    r"\\left|\\right|\\quad": "",
    r"\\sigma": "σ",
    r"\\mu": "μ",
    r"\\gamma": "γ",
    r"\\beta": "β",
    r"\\epsilon": "ε",
    r"\\lambda": "λ",
    r"\\tau": "τ",
    r"\\(log|exp|max|min|tanh|sinh|cosh|sin|cos|sign)\b": r"\1",
}


def show(console: Console, page: Page) -> None:
    console.print()
    console.print(Text(page.title, style="bold"))
    _print_words(console, [page.docs.summary])
    told = {id(row.lead) for s in page.sections for row in s.rows}
    notes = [] if page.is_lesson else page.docs.notes
    if id(notes) not in told:
        _print_words(console, notes)
    for section in page.sections:
        _print_section(console, page, section)
    for excerpt in page.experiment:
        console.print()
        console.print(Text("The experiment, for both sides", style="bold"))
        console.print(_code(excerpt, console.width))
    for head, paragraphs in page.docs.rest().items():
        _print_words(console, [f"{head}: {paragraphs[0]}", *paragraphs[1:]])
    _print_words(
        console,
        [
            f"At its kinks, {row.where}: {row.what}"
            for row in CONVENTIONS.get(page.name, [])
        ],
    )


def _print_section(console: Console, page: Page, section: Section) -> None:
    if section.name != page.name:
        console.print()
        console.rule(Text(section.name, style="bold"), align="left")
    for row in section.rows:
        console.print()
        label = f"{row.number}  {row.title}" if row.number else row.title
        console.print(Text(label, style="bold"))
        _print_words(console, row.lead)
        _print_pair(console, row)


def _print_words(console: Console, paragraphs: list[str]) -> None:
    for paragraph in paragraphs:
        console.print(
            Text(spelled(paragraph)), style="dim", width=min(console.width, 92)
        )


def spelled(text: str) -> str:
    """Formulas as near to plain text as they come."""
    for pattern, sign in SPELLED.items():
        text = re.sub(pattern, sign, text)
    return plain(text)


def _print_pair(console: Console, row: Row) -> None:
    need = [
        max((_width(code) for code in side), default=8)
        for side in (row.left, row.right)
    ]
    if sum(need) + ROOM <= console.width:
        table = Table.grid(padding=(0, 2))
        table.add_column(width=max(need[0], (console.width - ROOM) // 2 - 8))
        table.add_column()
        table.add_row(Text("NumPy", style=LEFT), Text("PyTorch", style=RIGHT))
        table.add_row(_side(row.left, need[0]), _side(row.right, need[1]))
        console.print(table)
        return
    for name, style, side in (("NumPy", LEFT, row.left), ("PyTorch", RIGHT, row.right)):
        console.print(Text(name, style=style))
        console.print(_side(side, console.width))


def _side(codes: list[Excerpt | str], width: int) -> Group:
    if not codes:
        return Group(Text("nothing of its own here", style="dim"))
    return Group(*(_code(code, width) for code in codes))


def _lines(code: Excerpt | str) -> list[tuple[str, str]]:
    """Line numbers, and lines; where lines are left out, a mark."""
    if isinstance(code, str):
        return [("", line) for line in code.split("\n")]
    found, before = [], None
    for number, line in zip(code.lines, code.text(), strict=True):
        if before is not None and number > before + 2:
            found.append((GAP_MARK, ""))
        found.append((str(number), line))
        before = number
    return found


def _width(code: Excerpt | str) -> int:
    return max(len(line) for _, line in _lines(code)) + (
        0 if isinstance(code, str) else 5
    )


def _code(code: Excerpt | str, width: int) -> Group:
    lines = _lines(code)
    text = "\n".join(line for _, line in lines)
    marked = Syntax(text, "python", theme=THEME, background_color="default")
    body = Text()
    for (number, _), line in zip(
        lines, marked.highlight(text).split("\n"), strict=False
    ):
        if not isinstance(code, str):
            body.append(f"{number:>4} ", style="dim")
        body.append_text(line)
        body.append("\n")
    body.rstrip()
    caption = [] if isinstance(code, str) else [Text(f"{code.path}:{code.span}", "dim")]
    return Group(*caption, body)
