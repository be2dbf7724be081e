"""Code with its colours, line by line."""

from functools import cache

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from ..report.links import source_page
from .sources import Excerpt, source_lines

GAP_MARK = "⋮"  # in place of a line number, where lines are left out


def _lines(code: str) -> list[str]:
    html = highlight(code, PythonLexer(stripnl=False), HtmlFormatter(nowrap=True))
    return html.split("\n")


@cache
def file_lines(path: str) -> tuple[str, ...]:
    return tuple(_lines("\n".join(source_lines(path))))


def numbered(excerpt: Excerpt) -> list[tuple[int | str, str]]:
    """Line numbers and marked-up lines; a mark where a docstring was left out.

    A gap that was only a heading or empty lines is not worth a mark.
    """
    marked, plain = file_lines(excerpt.path), source_lines(excerpt.path)
    found = []
    for before, line in zip((None, *excerpt.lines), excerpt.lines, strict=False):
        if before is not None and line > before + 1:
            between = [plain[n - 1].strip() for n in range(before + 1, line)]
            if any(text and not text.startswith("#") for text in between):
                found.append((GAP_MARK, ""))
        found.append((line, marked[line - 1]))
    return found


def block(excerpt: Excerpt) -> dict:
    """What a template needs to show some lines of a file."""
    lines = [
        f'<span class="ln" data-n="{number}"></span>{line}'
        for number, line in numbered(excerpt)
    ]
    return {
        "caption": f"{excerpt.path}:{excerpt.span}",
        "href": f"{source_page(excerpt.path)}#L{excerpt.lines[0]}",
        "html": "\n".join(lines),
    }


def snippet(code: str) -> dict:
    """What a template needs to show lines that are in no file."""
    code = code.rstrip("\n")
    html = "\n".join(_lines(code)).rstrip("\n")
    return {"caption": "", "href": "", "html": html}


def whole_file(path: str) -> str:
    return "".join(
        f'<span class="l" id="L{n}"><a class="ln" href="#L{n}" data-n="{n}" '
        f'aria-label="line {n}"></a>{line}\n</span>'
        for n, line in enumerate(file_lines(path), 1)
    )
