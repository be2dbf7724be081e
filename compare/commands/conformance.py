"""`twofold conformance`: PyTorch's own samples."""

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
    write_json,
)


@click.command(
    epilog=examples("twofold conformance", "twofold conformance nn.Linear Adam")
)
@click.argument("classes", nargs=-1, metavar="[CLASS]...")
@json_option
@jobs_option
@backend_option
def conformance(classes, json_file, jobs, backend):
    """Run PyTorch's own samples of each CLASS (default: all) against scratch.

    Outputs, gradients of inputs and parameters, training and evaluating, and the class
    of the exception for bad input.
    """

    try:
        sys.exit(run_conformance(classes, json_file, jobs, backend))
    except LookupError as error:
        raise click.UsageError(str(error.args[0])) from None


def run_conformance(wanted, json_file, jobs, backend) -> int:
    from rich.table import Table

    from ..concepts.catalogue import select
    from ..concepts.conformance import MissingSamples, class_names, conform
    from ..concepts.sweep import UnknownBackend, sweep
    from ..report import tables
    from ..sides.threads import threads

    console = tables.console()
    require_writable(json_file)
    found = {}
    try:
        names = select(wanted, class_names())
        tasks = [(name,) for name in names]
        with progress_bar() as progress, threads(1):
            bar = progress.add_task("PyTorch's samples", total=len(tasks))
            for number, result in sweep(conform, tasks, jobs=jobs, backend=backend):
                found[number] = result
                progress.advance(bar)
    except (MissingSamples, UnknownBackend) as error:
        return fail(error)
    except KeyboardInterrupt:
        say(f"stopped by hand after {len(found)} classes")
        return EXIT_INTERRUPTED
    results = [found[number] for number in range(len(names))]
    offered = [r for r in results if r.offered]
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("class", no_wrap=True)
    for name in ("passed", "samples"):
        table.add_column(name, justify="right", no_wrap=True)
    for r in offered:
        style = "green" if r.passed == r.samples else "bold red"
        table.add_row(r.name, str(r.passed), str(r.samples), style=style)
    console.print(table)
    for r in offered:
        for failure in r.failures:
            console.print(f"{r.name}: {failure}", markup=False, style="red")
    passed, samples = sum(r.passed for r in offered), sum(r.samples for r in offered)
    left_out = sum(r.left_out for r in offered)
    missing = [r.name for r in results if not r.offered]
    console.print(
        f"{passed:,} of {samples:,} samples pass; {len(offered)} of {len(results)} "
        f"classes are covered. Left out: {left_out} samples with tensors as "
        "options, or with sparse or complex parameters."
    )
    if missing:
        console.print(f"missing: {', '.join(missing)}", markup=False)
    write_json(json_file, [r.to_json() for r in results])
    return 0 if passed == samples else EXIT_DIFFERS
