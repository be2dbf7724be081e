"""What the commands share: options, exit codes, progress, files, last words."""

import json
import os
from pathlib import Path

import click

EXIT_DIFFERS = 1
EXIT_USAGE = click.UsageError.exit_code
EXIT_INTERRUPTED = 130


def examples(*lines: str):
    """The end of a help page: commands to copy."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


seed_option = click.option(
    "--seed",
    default=0,
    show_default=True,
    type=click.IntRange(0, 2**63 - 1),
    help="Seed of every random number.",
)
json_option = click.option(
    "--json",
    "json_file",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Also write the report to FILE.",
)
runs_option = click.option(
    "--runs",
    default="runs",
    show_default=True,
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Where the TensorBoard logs are.",
)
device_option = click.option(
    "--device",
    default="cpu",
    show_default=True,
    help="Where the torch side runs, such as cuda (TF32 is off there).",
)
compile_option = click.option(
    "--compile",
    "compiled",
    is_flag=True,
    help="Run PyTorch's modules through torch.compile (slow to start).",
)


def _some(ctx, parameter, jobs: int) -> int:
    if jobs == -1 or jobs > 0:
        return jobs
    raise click.BadParameter(f"1 or more was expected, or -1 for all cores, got {jobs}")


jobs_option = click.option(
    "--jobs",
    default=-1,
    callback=_some,
    help="Processes that share the work (default: all cores).",
)
backend_option = click.option(
    "--backend",
    default="loky",
    show_default=True,
    help="The joblib backend that runs them, such as dask.",
)


def require_device(device: str) -> None:
    if device == "cpu":
        return
    import torch

    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise click.UsageError(f"--device {device}: {reason}") from None


def require_writable(json_file: str | None) -> None:
    """Fail before the work, not after it."""
    if json_file is None:
        return
    folder = Path(json_file).parent
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise click.UsageError(f"--json: cannot write to {folder}")


def write_json(json_file: str | Path | None, content) -> None:
    """All or nothing: a reader never sees half a file."""
    from ..files.traces import atomically

    if json_file is None:
        return
    try:
        with atomically(json_file) as partial:
            partial.write_text(json.dumps(content, indent=2) + "\n")
    except OSError as error:
        raise click.UsageError(
            f"--json: cannot write {json_file}: {error.strerror}"
        ) from None


def progress_bar(counted=True):
    """A bar with the time left, on a terminal only, and gone when it is done."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    from ..report.tables import console

    stderr = console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        *([MofNCompleteColumn()] if counted else []),
        TimeRemainingColumn(),
        console=stderr,
        transient=True,
        disable=not stderr.is_terminal,
    )


def say(message) -> None:
    click.echo(f"twofold: {message}", err=True)


def fail(message, code: int = EXIT_USAGE) -> int:
    say(message)
    return code
