"""Reports as HTML: the parity table of the study pages and of notebooks."""

from html import escape

from .report import MARK, Report, legend, score_text

COLUMNS = {
    "quantity": "name",
    "shape": "shape",
    "worst at": "index",
}
NUMBERS = {"mine", "reference", "score"}


def report_html(report: Report) -> str:
    """What a notebook shows of a report."""
    rows = tensor_table([row.to_json() for row in report.rows], "mine", "reference")
    lines = "".join(f"<p>{escape(line)}</p>" for line in report.words())
    head = f"<p><strong>{escape(report.name)}</strong> {badge(report.verdict)}</p>"
    return f"<div>{head}{rows}<p><small>{escape(legend())}</small></p>{lines}</div>"


def tensor_table(rows: list[dict], mine="NumPy", reference="PyTorch") -> str:
    """One line for each tensor, of `Row.to_json`; the sides have these names."""
    columns = COLUMNS | {f"{mine} there": "mine", f"{reference} there": "reference"}
    columns |= {"precision": "stage", "score": "score"}
    heads = "".join(
        f'<th scope="col"{_class(key)}>{head}</th>' for head, key in columns.items()
    )
    lines = "".join(_line(shown_row(row), columns) for row in rows)
    head = f'<thead><tr>{heads}<th scope="col">verdict</th></tr></thead>'
    return f'<table class="stack">{head}<tbody>{lines}</tbody></table>'


def badge(verdict: str) -> str:
    return f'<span class="badge {verdict}">{MARK[verdict]} {verdict}</span>'


def _line(row: dict, columns: dict[str, str]) -> str:
    cells = "".join(
        f'<td{_class(key)} data-label="{head}">{escape(row[key])}</td>'
        for head, key in columns.items()
    )
    verdict = f'<td data-label="verdict">{badge(row["verdict"])}</td>'
    return f"<tr>{cells}{verdict}</tr>\n"


def _class(key: str) -> str:
    return ' class="num"' if key in NUMBERS else ""


def shown_row(row: dict) -> dict:
    """A row of `Row.to_json` in words."""
    shape = "×".join(map(str, row["shape"])) or "scalar"
    index = ", ".join(map(str, row["index"])) if row["index"] else ""
    equal = row["mine"] is None and float(row["score"]) == 0
    return {
        "name": row["name"],
        "shape": shape,
        "index": "equal everywhere" if equal else index,
        "mine": number(row["mine"], row["stage"]),
        "reference": number(row["reference"], row["stage"]),
        "stage": row["stage"],
        "score": score_text(float(row["score"])),
        "verdict": row["verdict"],
    }


def number(value, stage: str) -> str:
    """All digits that the precision has."""
    if value is None or isinstance(value, str | bool | int):
        return "" if value is None else str(value)
    return f"{value:.17g}" if stage == "float64" else f"{value:.9g}"
