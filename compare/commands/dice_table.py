"""`twofold check random`: how equal both random streams are, as a table."""

from .common import (
    EXIT_DIFFERS,
    EXIT_INTERRUPTED,
    progress_bar,
    require_writable,
    say,
    write_json,
)

SEEDS = 50


def check_random(seed: int, seeds: int, json_file: str | None) -> int:
    from ..concepts import dice
    from ..concepts.fingerprint import fingerprint
    from ..report import tables
    from ..sides.threads import threads

    console = tables.console()
    require_writable(json_file)
    try:
        with progress_bar() as progress, threads(1):
            bar = progress.add_task("drawing", total=dice.count_rows())
            rows = dice.compare_streams(
                range(seed, seed + seeds),
                progress=lambda kind: progress.update(bar, advance=1, description=kind),
            )
    except KeyboardInterrupt:
        say("stopped by hand")
        return EXIT_INTERRUPTED
    print_of_here = fingerprint()
    broken = [row for row in rows if not row.holds]
    if not print_of_here.same:  # then no more is claimed than what holds everywhere
        broken = [row for row in broken if row.claim.here == row.claim.elsewhere]
    console.print(_table(rows, console.width))
    claimed = [row for row in rows if row.claims_values]
    console.print(
        f"{sum(row.equal_values for row in claimed):,} of "
        f"{sum(row.values for row in claimed):,} values and "
        f"{sum(row.equal_states for row in rows):,} of "
        f"{sum(row.states for row in rows):,} states are equal by their bytes; "
        f"{len(rows) - len(broken)} of {len(rows)} rows hold what is claimed.  "
        f"{print_of_here}\n"
        "Where the fingerprint differs, weights and masks are copied to the other side."
    )
    report = {
        "fingerprint": {
            "same": print_of_here.same,
            "differing": list(print_of_here.differing),
        },
        "rows": [row.to_json() for row in rows],
    }
    write_json(json_file, report)
    return EXIT_DIFFERS if broken else 0


def _table(rows, width: int):
    """One line for each kind of draw and claim, its dtypes together."""
    from rich.table import Table

    from ..report import tables

    wide = width >= tables.WIDE
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column("draw", overflow="fold")
    if wide:
        table.add_column("dtypes", overflow="fold")
        table.add_column("seeds", justify="right", no_wrap=True)
    table.add_column("equal", overflow="fold")
    table.add_column("claimed", overflow="fold")
    if wide:
        table.add_column("if the fingerprint differs", overflow="fold", style="dim")
    for together in _grouped(rows):
        first = together[0]
        dtypes = ", ".join(row.dtype for row in together)
        seeds = f"{first.seeds}" if first.seeds else "-"
        table.add_row(
            first.kind,
            *([dtypes, seeds] if wide else []),
            _equal(together),
            first.claim.here,
            *([first.claim.elsewhere] if wide else []),
        )
    return table


def _grouped(rows) -> list[list]:
    groups: dict[tuple, list] = {}
    for row in rows:
        groups.setdefault((row.kind, row.claim), []).append(row)
    return list(groups.values())


def _equal(rows):
    """What was seen: equal in every bit, in the states only, or not even there."""
    from rich.text import Text

    from ..report import tables

    if all(row.equal for row in rows):
        return Text(f"{tables.MARK['match']} bits", style=tables.STYLE["match"])
    if all(row.holds for row in rows):
        return Text(f"{tables.MARK['match']} states", style=tables.STYLE["match"])
    values = sum(row.values - row.equal_values for row in rows)
    states = sum(row.states - row.equal_states for row in rows)
    text = f"{tables.MARK['mismatch']} {values:,} values, {states:,} states differ"
    return Text(text, style=tables.STYLE["mismatch"])
