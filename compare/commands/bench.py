"""`twofold bench`: time by hand against time of PyTorch."""

import sys

import click

from .common import (
    examples,
    json_option,
    progress_bar,
    require_writable,
    write_json,
)


@click.command(
    epilog=examples(
        "twofold bench", "twofold bench conv lstm", "twofold bench --threads 2"
    )
)
@click.argument("workloads", nargs=-1, metavar="[WORD]...")
@click.option("--rounds", default=15, show_default=True, type=click.IntRange(3))
@click.option(
    "--threads",
    default=1,
    show_default=True,
    type=click.IntRange(1),
    help="Threads of both libraries.",
)
@json_option
def bench(workloads, rounds, threads, json_file):
    """Time scratch against PyTorch eager: medians of interleaved rounds, as a ratio.

    Below 1, the NumPy side is faster. With WORDs, only the workloads whose names hold
    one of them.
    """
    from ..bench.workloads import WORKLOADS

    require_writable(json_file)
    chosen = [
        w
        for w in WORKLOADS
        if not workloads or any(word.lower() in w.name.lower() for word in workloads)
    ]
    if not chosen:
        names = "\n  ".join(w.name for w in WORKLOADS)
        raise click.UsageError(f"no workload's name holds that; there are\n  {names}")
    sys.exit(run_bench(chosen, rounds, threads, json_file))


def run_bench(workloads, rounds: int, threads: int, json_file) -> int:
    from statistics import geometric_mean

    from rich.table import Table

    from ..bench.timing import measure
    from ..report import tables

    console = tables.console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("workload", "scratch", "torch", "ratio"):
        table.add_column(
            name,
            justify="left" if name == "workload" else "right",
            no_wrap=name != "workload",
            overflow="fold",
        )
    found = []
    with progress_bar() as progress:
        task = progress.add_task("timing", total=len(workloads) * rounds)
        for workload in workloads:
            timing = measure(workload, rounds, threads, lambda: progress.advance(task))
            found.append(timing)
            table.add_row(
                timing.name,
                f"{timing.scratch * 1e3:.2f} ms",
                f"{timing.torch * 1e3:.2f} ms",
                f"{timing.ratio:.2f}",
            )
    console.print(table)
    console.print(
        f"medians of {rounds} interleaved rounds, {threads} thread(s); "
        f"geometric mean {geometric_mean(t.ratio for t in found):.2f}"
    )
    write_json(json_file, [vars(timing) | {"ratio": timing.ratio} for timing in found])
    return 0
