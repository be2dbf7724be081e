"""`twofold check`: outputs and gradients of concepts on random draws."""

import sys
import time
from dataclasses import replace
from pathlib import Path

import click

from .common import (
    EXIT_DIFFERS,
    EXIT_INTERRUPTED,
    backend_option,
    compile_option,
    device_option,
    examples,
    fail,
    jobs_option,
    json_option,
    progress_bar,
    require_device,
    require_writable,
    say,
    seed_option,
    write_json,
)
from .dice_table import SEEDS, check_random

KEPT = ".parity"  # where both sides' arrays of a difference are kept


@click.command(
    epilog=examples(
        "twofold check",
        "twofold check Linear nn.CrossEntropyLoss",
        "twofold check optim --draws 100 --seed 7",
        "twofold check random",
    )
)
@click.argument("concepts", nargs=-1, metavar="[CONCEPT]...")
@seed_option
@click.option(
    "--seeds",
    type=click.IntRange(1),
    help=f"Check from so many seeds (default: 1, and {SEEDS} of random).",
)
@click.option(
    "--draws",
    type=click.IntRange(1),
    help="Random draws of each case (default: 6, or as many as make 32 of a concept).",
)
@click.option(
    "--dtype",
    "dtypes",
    type=click.Choice(["float16", "float32", "float64"]),
    multiple=True,
    default=("float32",),
    show_default=True,
    help="Working precision beside float64; may be given several times.",
)
@json_option
@device_option
@compile_option
@jobs_option
@backend_option
def check(
    concepts,
    seed,
    seeds,
    draws,
    dtypes,
    json_file,
    device,
    compiled,
    jobs,
    backend,
):
    """Compare outputs and gradients of each CONCEPT (default: all) on random draws.

    A concept is named in full (nn.Linear), without its family (Linear), or by its
    family (nn). Each draw is judged in float64, where only a mistake can differ, and
    in the working precision.

    The word random stands for the random streams: every kind of draw, compared by its
    bits, and the generator's state after it.
    """
    if "random" in concepts:
        if len(concepts) > 1:
            raise click.UsageError("random is checked on its own, without concepts")
        sys.exit(check_random(seed, seeds or SEEDS, json_file))
    require_device(device)
    try:
        sys.exit(
            check_concepts(
                concepts,
                seed,
                seeds or 1,
                draws,
                dtypes,
                json_file,
                (device, compiled),
                jobs,
                backend,
            )
        )
    except LookupError as error:
        raise click.UsageError(str(error.args[0])) from None


def check_concepts(
    wanted, seed, seeds, draws, dtypes, json_file, reference, jobs, backend
) -> int:
    from ..concepts.catalogue import concepts, select
    from ..concepts.checking import check_concept
    from ..concepts.fingerprint import fingerprint
    from ..concepts.sweep import UnknownBackend, sweep
    from ..files.traces import keep_traces
    from ..report import tables
    from ..report.report import legend
    from ..sides.threads import threads

    console = tables.console()
    require_writable(json_file)
    known = concepts()
    chosen = [known[name] for name in select(wanted, list(known))]
    tasks = [
        (concept, each, draws, tuple(dtypes), *reference)
        for each in range(seed, seed + seeds)
        for concept in chosen
    ]
    found = {}
    started = time.perf_counter()
    try:
        with progress_bar() as progress, threads(1):
            bar = progress.add_task("checking", total=len(tasks))
            for number, report in sweep(
                check_concept, tasks, jobs=jobs, backend=backend
            ):
                found[number] = report
                progress.update(bar, advance=1, description=report.name)
    except UnknownBackend as error:
        return fail(error)
    except KeyboardInterrupt:
        say(f"stopped by hand after {len(found)} of {len(tasks)} checks")
        return EXIT_INTERRUPTED
    reports = [found[number] for number in range(len(tasks))]
    shown = reports if seeds == 1 else _by_name(reports)
    console.print(tables.checks_table(shown, console.width))
    console.print(legend(), style="dim")
    for report in shown:
        for line in [] if report.ok else report.words():
            console.print(line, markup=False, style="red")
        for path in keep_traces(report, Path(KEPT), f"{report.name}-seed{report.seed}"):
            console.print(f"  kept: {path}", markup=False, style="red")
    good = sum(report.ok for report in shown)
    console.print(
        f"{good} of {len(shown)} concepts match, "
        f"{sum(r.draws for r in reports):,} draws in "
        f"{time.perf_counter() - started:.0f} s.  {fingerprint()}"
    )
    write_json(json_file, [report.to_json() for report in reports])
    return 0 if good == len(shown) else EXIT_DIFFERS


def _by_name(reports):
    """One report for each concept: the rows of all seeds, and the first difference."""
    from ..judge.row import merge

    merged = {}
    for report in reports:
        known = merged.setdefault(report.name, report)
        if known is report:
            continue
        first = report if known.ok and not report.ok else known
        merged[report.name] = replace(
            first,
            rows=merge(known.rows, report.rows),
            draws=known.draws + report.draws,
            seconds=known.seconds + report.seconds,
        )
    return list(merged.values())
