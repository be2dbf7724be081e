"""`twofold run`: lessons."""

import sys
from dataclasses import replace

import click

from .common import (
    EXIT_DIFFERS,
    EXIT_INTERRUPTED,
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
@runs_option
@json_option
@device_option
def run(lessons, seed, epochs, batch_size, lr, dtype, runs, json_file, device):
    """Train both sides of each LESSON (default: digits) and compare them at every step.

    Both sides start from the same seed and nothing is copied. Every step is compared,
    the first steps and every 100th are judged alone, and the weights are judged against
    the spread of the reference's own runs.
    """
    from .. import lessons as library

    names = [_lesson(name, library.NAMES) for name in lessons] or ["digits"]
    require_device(device)
    chosen = {"epochs": epochs, "batch_size": batch_size, "lr": lr}
    chosen = {k: v for k, v in chosen.items() if v is not None}
    dtypes = ["float64", "float32"] if dtype == "both" else [dtype]
    common = {"seed": seed, "device": device, **chosen}
    sys.exit(run_lessons(dict.fromkeys(names), dtypes, common, runs, json_file))


def run_lessons(names, dtypes, common: dict, runs: str, json_file: str | None) -> int:
    from .. import lessons, tables
    from ..board import REPORT, Board, UnwritableRuns
    from ..data import MissingPackage
    from ..envelope import CHECKPOINTS, CONDITIONING_DRAWS
    from ..runs import LessonRun, NotFinite
    from ..threads import threads

    console = tables.console()
    require_writable(json_file)
    trials, failure = [], None
    board = None
    try:
        for name in names:
            lesson = lessons.load(name)
            lesson.data()  # what is missing is said before anything is trained
            trials += [
                (lesson, replace(lesson.defaults, dtype=dtype, **common))
                for dtype in dtypes
            ]
        board = Board(runs)
    except (MissingPackage, UnwritableRuns) as error:
        return fail(error)

    outlines = []
    try:
        with threads(1), progress_bar() as progress:
            for lesson, settings in trials:
                task = progress.add_task(f"{lesson.name} {settings.dtype}", total=None)
                run = LessonRun(
                    lesson,
                    settings,
                    board,
                    lambda phase, task=task: progress.advance(task),
                )
                last = max((n for n in CHECKPOINTS if n <= run.steps), default=0)
                total = run.steps + (CONDITIONING_DRAWS + 1) * last
                progress.update(task, total=total)
                outlines.append(run.run())
                progress.remove_task(task)
                if outlines[-1].interrupted:
                    break
    except NotFinite as error:
        failure = error
    except OSError as error:
        failure = f"the logs could not be written: {error.strerror or error}"
    except KeyboardInterrupt:
        failure = "stopped by hand"
    finally:
        try:
            board.close()
        except OSError as error:
            failure = failure or f"the logs could not be written: {error}"

    for outline, (lesson, _) in zip(outlines, trials, strict=False):
        _print_outline(console, outline, lesson)
    if len(outlines) > 1:
        console.print()
        console.print(tables.overhead_line(outlines), markup=False)
    _print_links(console, board, dict.fromkeys(o.report.name for o in outlines))
    reports = [outline.to_json() for outline in outlines]
    write_json(json_file, reports)
    write_json(str(board.path / REPORT), reports)
    if any(outline.interrupted for outline in outlines) or failure == "stopped by hand":
        say(f"stopped by hand; the logs up to here are kept in {board.path}")
        return EXIT_INTERRUPTED
    if failure:
        say(f"{failure} (logs: {board.path})")
        return EXIT_DIFFERS
    return 0 if all(outline.ok for outline in outlines) else EXIT_DIFFERS


def _print_outline(console, outline, lesson) -> None:
    from .. import tables

    console.print()
    console.print(lesson.title, style="bold")
    console.print(tables.lesson_table(outline, console.width))
    for line in tables.difference_lines(outline.report):
        console.print(line, markup=False, style="red")
    for line in tables.lesson_lines(outline, console.width):
        console.print(line, markup=False)


def _print_links(console, board, tags) -> None:
    console.print()
    console.print(f"logs: {board.path}  (twofold board --runs {board.path.parent})")
    for tag in tags:
        console.print(f"  {board.link(tag)}", soft_wrap=True, markup=False)


def _lesson(name: str, known) -> str:
    from ..catalogue import nearest

    if name not in known:
        raise click.UsageError(
            f"There is no lesson {name!r}.{nearest(name, list(known))} "
            "`twofold list` shows all."
        )
    return name
