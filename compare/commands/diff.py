"""`twofold diff`: two checkpoints or traces, tensor by tensor."""

import math
import sys
from functools import partial
from pathlib import Path

import click

from .common import (
    EXIT_DIFFERS,
    EXIT_INTERRUPTED,
    examples,
    fail,
    json_option,
    progress_bar,
    require_writable,
    write_json,
)

STYLE = {
    "equal": "green",
    "rounding": "green",
    "different": "bold red",
    "shape": "bold red",
    "missing": "bold red",
}
MARK = {"equal": "✓", "rounding": "✓", "different": "✗", "shape": "✗", "missing": "✗"}


@click.command(
    epilog=examples(
        "twofold diff mine.safetensors reference.safetensors",
        "twofold diff step100.pt step100.npz --rename 'module.*=*'",
        "twofold diff a.pt b.pt --select '*.weight' --exclude 'head.*' --top 5",
    )
)
@click.argument("a", type=click.Path())
@click.argument("b", type=click.Path())
@click.option(
    "--map",
    "map_file",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="JSON object of names: {name in A: name in B}.",
)
@click.option(
    "--rename",
    multiple=True,
    metavar="A=B",
    help="A's name=B's name, or 'module.*=*'; may be given several times.",
)
@click.option(
    "--select",
    multiple=True,
    metavar="GLOB",
    help="Compare only these names, of A or B; may be given several times.",
)
@click.option(
    "--exclude",
    multiple=True,
    metavar="GLOB",
    help="Leave these names out; may be given several times.",
)
@click.option(
    "--top",
    default=10,
    show_default=True,
    type=click.IntRange(0),
    metavar="K",
    help="Show the K worst tensors.",
)
@json_option
def diff(a, b, map_file, rename, select, exclude, top, json_file):
    """Compare two traces or checkpoints, A and B, tensor by tensor.

    Files may be .safetensors, .npz (nothing pickled) or .pt (weights only), in any
    mixture; names of nested dictionaries are joined by dots.

    A diff computes nothing anew. It can say that tensors are equal, or within a few
    roundings of the coarser dtype (16 in RMS, 64 in the largest element, for float8
    2). It cannot say whether a larger difference is a mistake: after many steps correct
    programs part too. `twofold check` and `twofold run` can: they run both sides.

    Exit code: 0 if all tensors are equal or within rounding, 1 if not, 2 for wrong use
    or a file that cannot be read.
    """
    name_map = _name_map(map_file, rename)
    sys.exit(
        diff_files(
            a,
            b,
            name_map=name_map,
            select=select,
            exclude=exclude,
            top=top,
            json_file=json_file,
        )
    )


def diff_files(
    a, b, *, name_map=None, select=(), exclude=(), top=10, json_file=None
) -> int:
    """Print how far the files A and B are apart; the exit code that says the same."""
    from ..files.diff import DiffReport, WrongNames, compare_files, match_names
    from ..files.tensors import TraceFileError, open_tensors
    from ..report import tables

    require_writable(json_file)
    report = DiffReport(str(a), str(b), [])
    try:
        with open_tensors(a) as file_a, open_tensors(b) as file_b:
            pairing = match_names(
                file_a.names(), file_b.names(), name_map, select, exclude
            )
            report.ignored = (file_a.ignored, file_b.ignored)
            total = sum(file_a.size(name) for name, _ in pairing.pairs)
            with progress_bar(counted=False) as progress:
                bar = progress.add_task("comparing", total=total)
                advance = partial(progress.advance, bar)
                for row in compare_files(file_a, file_b, pairing, advance):
                    report.rows.append(row)
    except (TraceFileError, WrongNames) as error:
        return fail(error)
    except KeyboardInterrupt:
        done = f"stopped by hand after {len(report.rows)} tensors"
        return fail(done, EXIT_INTERRUPTED)
    console = tables.console()
    pairs = [row for row in report.worst_first if row.verdict != "missing"]
    if pairs[:top]:
        console.print(_table(pairs[:top], console.width))
    for line in _lines(report, pairs, top):
        console.print(line, markup=False)
    write_json(json_file, report.to_json())
    if report.ok:
        return 0
    judged = verdict_of_run(Path(a), Path(b))
    if judged is None or any(r.verdict in ("shape", "missing") for r in report.rows):
        return EXIT_DIFFERS
    name, verdict = judged
    console.print(
        f"Both sides' weights after a run of {name}, in which rounding has grown with "
        f"the steps. The run judged them on the way: {verdict}.",
        markup=False,
    )
    return 0 if verdict == "match" else EXIT_DIFFERS


def verdict_of_run(a: Path, b: Path) -> tuple[str, str] | None:
    """What a run said of its lesson, if these are both sides' weights of it."""
    import json

    name, side, _ = (*a.name.split(".", 2), "", "")[:3]
    other, other_side, _ = (*b.name.split(".", 2), "", "")[:3]
    sides = {side, other_side} == {"scratch", "torch_ref"}
    folder = a.resolve().parent
    if not sides or name != other or folder != b.resolve().parent:
        return None
    try:
        report = json.loads((folder.parent / "report.json").read_text("utf-8"))
        return next((e["name"], e["verdict"]) for e in report if e["name"] == name)
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        return None


def _name_map(map_file: str | None, rename) -> dict[str, str]:
    import json

    names = {}
    if map_file is not None:
        try:
            names = json.loads(Path(map_file).read_text())
        except (OSError, ValueError) as error:
            raise click.UsageError(f"--map {map_file}: {error}") from None
        flat = isinstance(names, dict) and all(
            isinstance(name, str) for name in names.values()
        )
        if not flat:
            raise click.UsageError(f"--map {map_file}: not an object of names")
    for pair in rename:
        name, equals, other = pair.partition("=")
        if not (name and equals and other):
            raise click.UsageError(f"--rename {pair}: expected A=B")
        names[name] = other
    return names


def _table(rows, width: int):
    """The worst pairs. Names fold; verdicts and numbers neither wrap nor are cut."""
    from rich.table import Table
    from rich.text import Text

    from ..report.report import score_text
    from ..report.tables import WIDE

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column("tensor", overflow="fold")
    table.add_column("verdict", no_wrap=True)
    table.add_column("roundings", justify="right", no_wrap=True)
    if width >= WIDE:
        table.add_column("rel. RMS", justify="right", no_wrap=True)
        table.add_column("max |A - B|", overflow="fold", style="dim")
    for row in rows:
        verdict = Text(f"{MARK[row.verdict]} {row.verdict}", style=STYLE[row.verdict])
        cells = [Text(_printable(row.name)), verdict]
        if row.verdict == "shape":
            cells += ["-", "-", ""]
        else:
            at = f"{row.peak:.1e} at {list(row.index)}" if row.index is not None else ""
            cells += [score_text(row.score.value), f"{row.rms:.1e}", at]
        table.add_row(*cells[: len(table.columns)])
    return table


def _lines(report, pairs, top: int) -> list[str]:
    """What stands below the table: the worst, what is on one side alone, the sum."""
    lines = []
    worst = next((row for row in pairs if row.verdict == "different"), None)
    if worst is not None:
        lines += _details(worst)
        if report.first != worst.name:
            lines.append(f"first in the order of A: {_printable(report.first)}")
    shapes = [row for row in pairs if row.verdict == "shape"]
    lines += [f"{_printable(row.name)}: {row.reason}" for row in shapes[:top]]
    for side, letter in enumerate("AB"):
        names = [
            _printable(row.name)
            for row in report.rows
            if row.verdict == "missing" and row.names[side] is not None
        ]
        if names:
            more = f" and {len(names) - top} more" if len(names) > top else ""
            lines.append(f"only in {letter}: {', '.join(names[:top])}{more}")
    if any(report.ignored):
        a, b = report.ignored
        lines.append(f"left out, for they are no tensors: {a} in A, {b} in B")
    counts = [f"{n} {verdict}" for verdict, n in report.counts().items() if n]
    return [*lines, f"tensors: {len(report.rows)}, of which {', '.join(counts)}"]


def _details(row) -> list[str]:
    from ..report.report import score_text

    a, b = map(str, row.values)  # the fewest digits that tell them apart
    dtype = f", {row.dtypes[0]}" if row.dtypes[0] == row.dtypes[1] else ""
    lines = [f"worst: {_printable(row.name)}, shape {row.shapes[0]}{dtype}"]
    if row.reason:
        lines.append(f"  {row.reason}")
    lines.append(f"  unequal elements: {row.unequal}, relative RMS {row.rms:.1e}")
    if row.score.value < math.inf:
        scores = [score_text(row.score.rms), score_text(row.score.peak)]
        limits = [f"{limit:.0f}" for limit in row.limits]
        lines.append(
            f"  roundings: RMS {scores[0]} (limit {limits[0]}), "
            f"largest {scores[1]} (limit {limits[1]})"
        )
    return [*lines, f"  at {list(row.index)}: A {a}, B {b}"]


def _printable(name: str) -> str:
    """A name from a file may hold what a terminal would obey."""
    return name if name.isprintable() else repr(name)[1:-1]
