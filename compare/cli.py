"""The command `twofold`. Everything heavy is imported inside the command that needs it:
help appears at once.
"""

import sys

import click

from .diff_command import diff

EXIT_DIFFERS = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130


class Group(click.Group):
    """Suggests the nearest command, and turns what can go wrong into one line."""

    def resolve_command(self, context, args):
        try:
            return super().resolve_command(context, args)
        except click.UsageError as error:
            import difflib

            close = difflib.get_close_matches(args[0], self.commands, n=1)
            if close and "Did you mean" not in error.message:
                error.message += f" Did you mean {close[0]!r}?"
            raise


def examples(*lines: str):
    """The end of a help page: commands to copy."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


@click.group(
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 88},
    epilog=examples("twofold run", "twofold check nn.Linear Adam", "twofold board"),
)
@click.version_option(package_name="twofold")
def main():
    """Deep learning twice: by hand and with PyTorch, compared at every step."""


seed_option = click.option(
    "--seed", default=0, show_default=True, help="Seed of every random number."
)
json_option = click.option(
    "--json",
    "json_file",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Also write the report to FILE.",
)
device_option = click.option(
    "--device",
    default="cpu",
    show_default=True,
    help="Where the torch side runs, such as cuda (TF32 is off there).",
)


jobs_option = click.option(
    "--jobs", default=-1, help="Processes that share the work (default: all cores)."
)
backend_option = click.option(
    "--backend",
    default="loky",
    show_default=True,
    help="The joblib backend that runs them, such as dask.",
)


@main.command(
    epilog=examples(
        "twofold run",
        "twofold run digits --dtype float64 --epochs 5",
        "twofold run digits house-prices --seed 7 --json report.json",
    )
)
@click.argument("lessons", nargs=-1, metavar="[LESSON]...")
@seed_option
@click.option("--epochs", type=click.IntRange(1), help="Passes over the data.")
@click.option("--batch-size", type=click.IntRange(1), help="Samples in an update.")
@click.option("--lr", type=click.FloatRange(0), help="Learning rate.")
@click.option(
    "--dtype",
    type=click.Choice(["float32", "float64", "both"]),
    default="both",
    show_default=True,
    help="Precision of the training.",
)
@click.option(
    "--runs",
    default="runs",
    show_default=True,
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Where the TensorBoard logs go.",
)
@json_option
@device_option
def run(lessons, seed, epochs, batch_size, lr, dtype, runs, json_file, device):
    """Train both sides of each LESSON (default: digits) and compare them at every step.

    Both sides start from the same seed and nothing is copied. Every step is compared,
    the first steps and every 100th are judged alone, and the weights are judged against
    the spread of the reference's own runs.
    """
    from . import lessons as library
    from .commands import run_lessons

    names = [_lesson(name, library.NAMES) for name in lessons] or ["digits"]
    _require_device(device)
    chosen = {"epochs": epochs, "batch_size": batch_size, "lr": lr}
    chosen = {k: v for k, v in chosen.items() if v is not None}
    dtypes = ["float64", "float32"] if dtype == "both" else [dtype]
    common = {"seed": seed, "device": device, **chosen}
    _exit(run_lessons(dict.fromkeys(names), dtypes, common, runs, json_file))


@main.command(
    epilog=examples(
        "twofold check",
        "twofold check Linear nn.CrossEntropyLoss",
        "twofold check optim --draws 100 --seed 7",
    )
)
@click.argument("concepts", nargs=-1, metavar="[CONCEPT]...")
@seed_option
@click.option(
    "--seeds", default=1, type=click.IntRange(1), help="Check from so many seeds."
)
@click.option(
    "--draws",
    default=32,
    show_default=True,
    type=click.IntRange(1),
    help="Random draws of each case.",
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
@click.option(
    "--compile",
    "compiled",
    is_flag=True,
    help="Run PyTorch's modules through torch.compile (slow to start: few --draws).",
)
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
    """
    from .commands import check_concepts

    _require_device(device)
    try:
        _exit(
            check_concepts(
                concepts,
                seed,
                seeds,
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


@main.command(
    epilog=examples("twofold selftest", "twofold selftest --draws 8 --correct 10000")
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
@json_option
@jobs_option
@backend_option
def selftest(seed, draws, correct, json_file, jobs, backend):
    """Plant known mistakes one at a time, and see that the harness finds them.

    Each must be found, placed in the right tensor or step and, where the culprit is
    known, blamed on the right side. Correct code must raise no alarm. Needs the source
    tree.
    """
    from .commands import run_selftest

    _exit(run_selftest(seed, draws, correct, json_file, jobs, backend))


@main.command(
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
    from .commands import run_conformance

    try:
        _exit(run_conformance(classes, json_file, jobs, backend))
    except LookupError as error:
        raise click.UsageError(str(error.args[0])) from None


@main.command("list", epilog=examples("twofold list", "twofold list --json all.json"))
@json_option
def list_(json_file):
    """List lessons and concepts, and how many cases check each."""
    from .commands import list_all

    _exit(list_all(json_file))


@main.command(epilog=examples("twofold board", "twofold board --port 7000"))
@click.option(
    "--runs",
    default="runs",
    show_default=True,
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Where the logs are.",
)
@click.option("--port", default=6006, show_default=True, type=click.IntRange(0, 65535))
def board(runs, port):
    """Serve the TensorBoard logs, to this machine only."""
    from .commands import serve_board

    _exit(serve_board(runs, port))


@main.command(epilog=examples("twofold bench", "twofold bench --threads 2 --rounds 30"))
@click.option("--rounds", default=15, show_default=True, type=click.IntRange(3))
@click.option(
    "--threads",
    default=1,
    show_default=True,
    type=click.IntRange(1),
    help="Threads of both libraries.",
)
@json_option
def bench(rounds, threads, json_file):
    """Time scratch against PyTorch eager: medians of interleaved rounds, as a ratio.

    Below 1, the NumPy side is faster.
    """
    from .commands import run_bench

    _exit(run_bench(rounds, threads, json_file))


main.add_command(diff)


def _lesson(name: str, known) -> str:
    from .catalogue import nearest

    if name not in known:
        raise click.UsageError(
            f"There is no lesson {name!r}.{nearest(name, list(known))} "
            "`twofold list` shows all."
        )
    return name


def _require_device(device: str) -> None:
    if device == "cpu":
        return
    import torch

    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise click.UsageError(f"--device {device}: {reason}") from None


def _exit(code: int) -> None:
    sys.exit(code)


if __name__ == "__main__":
    main()
