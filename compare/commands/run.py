"""`twofold run`: lessons."""

import sys
from pathlib import Path

import click

from .common import (
    EXIT_DIFFERS,
    EXIT_INTERRUPTED,
    compile_option,
    device_option,
    examples,
    fail,
    json_option,
    progress_bar,
    require_device,
    require_writable,
    runs_option,
    say,
    seed_option,
    write_json,
)


@click.command(
    epilog=examples(
        "twofold run",
        "twofold run digits --dtype float64 --epochs 5",
        "twofold run digits house-prices --seed 7 --json report.json",
        "twofold run table --csv houses.csv --target price",
        "twofold run --resume runs/2026-01-31_12-00-00",
    )
)
@click.argument("lessons", nargs=-1, metavar="[LESSON]...")
@click.option("--all", "every", is_flag=True, help="All lessons, one after the other.")
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
    "--set",
    "options",
    multiple=True,
    metavar="NAME=VALUE",
    help="An option of the lesson's own (`twofold list` names them).",
)
@click.option(
    "--csv", type=click.Path(dir_okay=False), metavar="FILE", help="For `table`."
)
@click.option("--target", metavar="COLUMN", help="For `table`: what to predict.")
@click.option(
    "--task",
    type=click.Choice(["regression", "classification"]),
    help="For `table` (default: by the target).",
)
@click.option(
    "--resume",
    type=click.Path(file_okay=False),
    metavar="RUN",
    help="Go on with a run that was interrupted, as it was started.",
)
@runs_option
@json_option
@device_option
@compile_option
def run(
    lessons,
    every,
    seed,
    epochs,
    batch_size,
    lr,
    dtype,
    options,
    csv,
    target,
    task,
    resume,
    runs,
    json_file,
    device,
    compiled,
):
    """Train both sides of each LESSON (default: digits) and compare them at every step.

    Both sides start from the same seed and nothing is copied. Every step is compared,
    the first steps and every 100th are judged alone, and the weights are judged against
    the spread of the reference's own runs.
    """
    require_writable(json_file)
    if resume:
        if lessons or every:
            raise click.UsageError("--resume goes on with the lessons of that run")
        sys.exit(resume_run(resume, json_file))
    from .. import lessons as library
    from ..lessons.programme import Plan

    require_device(device)
    names = [_lesson(name, library.NAMES) for name in lessons] or ["digits"]
    own = {"csv": csv, "target": target, "task": task}
    own = {name: value for name, value in own.items() if value is not None}
    if every:
        names = [n for n in library.NAMES if n != "table" or csv]
    elif own and "table" not in names:
        raise click.UsageError(f"--{next(iter(own))} is an option of `table`")
    names = list(dict.fromkeys(names))
    chosen = {"epochs": epochs, "batch_size": batch_size, "lr": lr}
    chosen = {k: v for k, v in chosen.items() if v is not None}
    settings = {"seed": seed, "device": device, "compiled": compiled, **chosen}
    dtypes = ["float64", "float32"] if dtype == "both" else [dtype]
    plan = Plan(names, dtypes, settings, own | _options(options, names))
    sys.exit(start_run(plan, runs, json_file))


def start_run(plan, runs: str, json_file: str | None) -> int:
    from ..training.board import Board, UnwritableRuns
    from ..training.checkpoint import Keeper
    from ..training.dataset import DataError

    try:
        plan.trials()  # what is missing is said before anything is trained
        board = Board(runs)
        Keeper(board.path).write_plan(vars(plan))
    except (DataError, UnwritableRuns) as error:
        return fail(error)
    except OSError as error:
        return fail(f"cannot write logs to {runs}: {error.strerror or error}")
    return _run(plan, board, json_file, resumed=False)


def resume_run(folder: str, json_file: str | None) -> int:
    from ..lessons.programme import Plan
    from ..training.board import Board
    from ..training.checkpoint import Keeper, NothingToResume
    from ..training.dataset import DataError

    path = Path(folder)
    try:
        plan = Plan(**Keeper(path).plan())
        plan.trials()
    except (DataError, NothingToResume) as error:
        return fail(error)
    return _run(plan, Board(path.parent, path), json_file, resumed=True)


def _run(plan, board, json_file: str | None, resumed: bool) -> int:
    from .. import lessons
    from ..lessons.programme import Programme, by_race
    from ..report.tables import console as new_console
    from ..training import tables
    from ..training.board import writer_errors
    from ..training.runs import NotFinite

    console = new_console()
    programme = Programme(plan, board, resumed)
    if programme.restored:
        say(f"{programme.restored} of the run's trainings had ended before")
    with writer_errors() as errors:
        try:
            stop = _train(programme)
        finally:
            try:
                board.close()
            except OSError as error:
                errors.append(error)
    stop = stop or next(iter(errors), None)

    outlines = programme.outlines
    races = by_race(outlines)
    for number, race in enumerate(races, 1):
        lesson = lessons.load(race[0].lesson)
        tables.print_race(console, race, lesson)
        if not any(other[0].lesson == lesson.name for other in races[number:]):
            console.print(lesson.shows, markup=False)
    trained = [outline for outline in outlines if outline.steps]
    if len(trained) > 1:
        console.print()
        console.print(tables.overhead_line(trained), markup=False)
    _print_links(console, board, outlines)
    write_json(json_file, [outline.to_json() for outline in outlines])
    by_hand = isinstance(stop, KeyboardInterrupt)
    if by_hand or any(outline.interrupted for outline in outlines):
        say(f"stopped by hand; the logs up to here are kept in {board.path}")
        say(f"to go on: twofold run --resume {board.path}")
        return EXIT_INTERRUPTED
    if isinstance(stop, NotFinite):
        say(f"{stop} (logs: {board.path})")
        return EXIT_DIFFERS
    if stop:
        reason = getattr(stop, "strerror", None) or stop
        say(f"the logs could not be written: {reason} (logs: {board.path})")
        say(f"to go on once they can: twofold run --resume {board.path}")
        return EXIT_DIFFERS
    return 0 if all(outline.ok for outline in outlines) else EXIT_DIFFERS


def _train(programme) -> BaseException | None:
    """Train everything that is planned; what put an end to it before, if anything."""
    from ..files.traces import TraceFileError
    from ..sides.threads import threads
    from ..training.board import UnwritableRuns
    from ..training.runs import NotFinite

    try:
        with threads(1), progress_bar() as progress:

            def open_bar(trial, total):
                for task in progress.task_ids:
                    progress.remove_task(task)
                task = progress.add_task(trial.name, total=total)
                return lambda: progress.advance(task)

            for _ in programme.run(open_bar):
                pass
    except (NotFinite, UnwritableRuns, TraceFileError, OSError) as error:
        return error
    except KeyboardInterrupt as stop:
        return stop
    return None


def _print_links(console, board, outlines) -> None:
    console.print()
    console.print(f"logs: {board.path}  (twofold board --runs {board.path.parent})")
    sections = dict.fromkeys(o.report.name.partition(": ")[0] for o in outlines)
    for section in sections:
        console.print(f"  {board.link(section)}", soft_wrap=True, markup=False)


def _lesson(name: str, known) -> str:
    from ..concepts.catalogue import nearest

    if name not in known:
        raise click.UsageError(
            f"There is no lesson {name!r}.{nearest(name, list(known))} "
            "`twofold list` shows all."
        )
    return name


def _options(words: tuple[str, ...], names: list[str]) -> dict:
    """`--set` in the types of the lessons' own defaults."""
    from .. import lessons as library

    known = {}
    for name in names:
        known |= getattr(library.load(name), "options", {})
    chosen = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or name not in known:
            there = ", ".join(known) or "none"
            raise click.UsageError(f"--set {word}: expected NAME=VALUE; names: {there}")
        kind = type(known[name])
        try:
            chosen[name] = kind(value)
        except ValueError:
            raise click.UsageError(
                f"--set {word}: expected a value such as {known[name]}"
            ) from None
    return chosen
