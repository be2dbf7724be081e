"""`twofold selftest`: mistakes planted, and found."""

import sys

import click

from .common import (
    EXIT_DIFFERS,
    EXIT_INTERRUPTED,
    backend_option,
    examples,
    fail,
    jobs_option,
    json_option,
    progress_bar,
    require_writable,
    say,
    seed_option,
    write_json,
)


@click.command(
    epilog=examples(
        "twofold selftest",
        "twofold selftest --draws 8 --correct 10000",
        "twofold selftest --only kernels",
        "twofold selftest --mutants 50 --seed 7",
    )
)
@seed_option
@click.option(
    "--draws",
    default=32,
    show_default=True,
    type=click.IntRange(1),
    help="Draws of each case of a concept with a planted mistake.",
)
@click.option(
    "--correct",
    default=1000,
    show_default=True,
    type=click.IntRange(0),
    help="Draws of correct code, over all concepts, that must raise no alarm.",
)
@click.option(
    "--only",
    type=click.Choice(["mistakes", "kernels"]),
    help="Mistakes planted in scratch alone, or kernels alone.",
)
@click.option(
    "--mutants",
    type=click.IntRange(1),
    help="Make so many random edits of scratch instead, and count those that are seen.",
)
@json_option
@jobs_option
@backend_option
def selftest(seed, draws, correct, only, mutants, json_file, jobs, backend):
    """Plant known mistakes one at a time, and see that the harness finds them.

    Each must be found, placed in the right tensor or step and, where the culprit is
    known, blamed on the right side. Correct code must raise no alarm. Kernels that
    cheat must be caught, and honest ones match. Needs the source tree.

    With --mutants no mistake is known beforehand: operators, numbers and comparisons of
    scratch are edited at random, one at a time, and what no check sees is listed.
    """
    if mutants:
        from .mutants import run_mutants

        sys.exit(run_mutants(mutants, seed, json_file, jobs, backend))
    sys.exit(run_selftest(seed, draws, correct, only, json_file, jobs, backend))


def run_selftest(seed, draws, correct, only, json_file, jobs, backend) -> int:
    from rich.table import Table

    from ..concepts.selftest import (
        NoPlants,
        correct_tasks,
        false_alarms,
        plants,
        try_plant,
    )
    from ..concepts.sweep import UnknownBackend, sweep
    from ..report import tables
    from ..sides.threads import threads
    from .kernels_table import judge_kernels, print_kernels

    console = tables.console()
    require_writable(json_file)
    try:
        planted = [] if only == "kernels" else list(plants())
        correct = 0 if only == "kernels" else correct
        plant_tasks = [(name, seed, draws) for name in planted]
        checks = correct_tasks(seed, correct)
        outcomes, alarms, drawn = {}, [], 0
        with progress_bar() as progress, threads(1):
            bar = progress.add_task("planting", total=len(plant_tasks) + len(checks))
            for number, found in sweep(
                try_plant, plant_tasks, jobs=jobs, backend=backend
            ):
                outcomes[number] = found
                progress.advance(bar)
            progress.update(bar, description="correct code")
            for _, (number, names) in sweep(
                false_alarms, checks, jobs=jobs, backend=backend
            ):
                drawn += number
                alarms += names
                progress.advance(bar)
            progress.update(bar, description="kernels")
            kernels = []
            if only != "mistakes":
                kernels = judge_kernels(seed, jobs, backend, lambda: None)
    except (NoPlants, UnknownBackend) as error:
        return fail(error)
    except KeyboardInterrupt:
        say("stopped by hand")
        return EXIT_INTERRUPTED
    found = [outcomes[i] for i in range(len(planted))]
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("planted mistake", overflow="fold")
    for name in ("found", "placed", "blamed"):
        table.add_column(name, no_wrap=True)
    if console.width >= tables.WIDE:
        table.add_column("source", overflow="fold", style="dim")
    marks = {True: "yes", False: "NO", None: "-"}
    for o in found:
        table.add_row(
            o.name,
            *(marks[x] for x in (o.found, o.placed, o.blamed)),
            *([o.source] if console.width >= tables.WIDE else []),
        )
    if found:
        console.print(table)
    for o in found:
        if o.found and not o.placed:
            console.print(f"{o.name}: placed in {o.first}", markup=False)
    judged = [o.blamed for o in found if o.blamed is not None]
    if found or drawn:
        console.print(
            f"{sum(o.found for o in found)} of {len(found)} found, "
            f"{sum(o.placed for o in found)} placed, "
            f"{sum(judged)} of {len(judged)} blamed rightly; "
            f"{len(alarms)} false alarms in {drawn:,} correct draws"
            + (f": {', '.join(sorted(set(alarms)))}" if alarms else "")
        )
    caught = print_kernels(console, kernels) if kernels else True
    write_json(
        json_file,
        {
            "kernels": [o.to_json() for o in kernels],
            "plants": [o.to_json() for o in found],
            "correct_draws": drawn,
            "false_alarms": alarms,
        },
    )
    right = all(o.found and o.placed and o.blamed is not False for o in found)
    return 0 if right and caught and not alarms else EXIT_DIFFERS
