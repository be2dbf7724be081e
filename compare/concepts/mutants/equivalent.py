"""Edits that change nothing that could be seen, each with the reason.

Known by the text of the line and what stands there afterwards, so that a line that
changes is asked again.
"""

from pathlib import Path

from .edits import Edit

KNOWN: dict[tuple[str, str, str], str] = {}


def reason(edit: Edit, root: Path) -> str:
    """Why nothing can be seen of an edit; empty where it is not known."""
    lines = (root / edit.path).read_text(encoding="utf-8").split("\n")
    return KNOWN.get((edit.path, lines[edit.line - 1].strip(), edit.after), "")
