"""What the commands do, once their options are understood: each returns its code."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import click
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from . import tables
from .cli import EXIT_DIFFERS, EXIT_INTERRUPTED, EXIT_USAGE

KEPT = ".parity"  # where both sides' arrays of a difference are kept


def run_lessons(names, dtypes, common: dict, runs: str, json_file: str | None) -> int:
    from . import lessons
    from .board import REPORT, Board, UnwritableRuns
    from .data import MissingPackage
    from .envelope import CHECKPOINTS, CONDITIONING_DRAWS
    from .runs import LessonRun, NotFinite
    from .threads import threads

    console = tables.console()
    _require_writable(json_file)
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
        return _fail(error)

    outlines = []
    try:
        with threads(1), _progress() as progress:
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
    _write_json(json_file, reports)
    _write_json(str(board.path / REPORT), reports)
    if any(outline.interrupted for outline in outlines) or failure == "stopped by hand":
        _say(f"stopped by hand; the logs up to here are kept in {board.path}")
        return EXIT_INTERRUPTED
    if failure:
        _say(f"{failure} (logs: {board.path})")
        return EXIT_DIFFERS
    return 0 if all(outline.ok for outline in outlines) else EXIT_DIFFERS


def _print_outline(console, outline, lesson) -> None:
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


def check_concepts(
    wanted, seed, seeds, draws, dtypes, json_file, reference, jobs, backend
) -> int:
    from .catalogue import concepts, select
    from .checking import check_concept
    from .fingerprint import fingerprint
    from .sweep import UnknownBackend, sweep
    from .threads import threads

    console = tables.console()
    _require_writable(json_file)
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
        with _progress() as progress, threads(1):
            bar = progress.add_task("checking", total=len(tasks))
            for number, report in sweep(
                check_concept, tasks, jobs=jobs, backend=backend
            ):
                found[number] = report
                progress.update(bar, advance=1, description=report.name)
    except UnknownBackend as error:
        return _fail(error)
    except KeyboardInterrupt:
        _say(f"stopped by hand after {len(found)} of {len(tasks)} checks")
        return EXIT_INTERRUPTED
    reports = [found[number] for number in range(len(tasks))]
    shown = reports if seeds == 1 else _worst_by_name(reports)
    console.print(tables.checks_table(shown, console.width))
    for report in shown:
        for line in tables.difference_lines(report):
            console.print(line, markup=False, style="red")
        for path in report.keep(Path(KEPT), f"{report.name}-seed{seed}"):
            console.print(f"  kept: {path}", markup=False, style="red")
    good = sum(report.ok for report in shown)
    console.print(
        f"{good} of {len(shown)} concepts match, "
        f"{sum(r.draws for r in reports):,} draws in "
        f"{time.perf_counter() - started:.0f} s.  {fingerprint()}"
    )
    _write_json(json_file, [report.to_json() for report in reports])
    return 0 if good == len(shown) else EXIT_DIFFERS


def _worst_by_name(reports):
    from .report import Report, merge

    merged: dict[str, Report] = {}
    for report in reports:
        if report.name not in merged:
            merged[report.name] = report
            continue
        known = merged[report.name]
        if not report.ok and known.ok:
            known.command, known.cause = report.command, report.cause
        known.rows = merge(known.rows, report.rows)
    return list(merged.values())


def run_selftest(seed, draws, correct, json_file, jobs, backend) -> int:
    from rich.table import Table

    from .selftest import NoPlants, correct_tasks, false_alarms, plants, try_plant
    from .sweep import UnknownBackend, sweep
    from .threads import threads

    console = tables.console()
    _require_writable(json_file)
    try:
        planted = list(plants())
        plant_tasks = [(name, seed, draws) for name in planted]
        checks = correct_tasks(seed, correct)
        outcomes, alarms, drawn = {}, [], 0
        with _progress() as progress, threads(1):
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
    except (NoPlants, UnknownBackend) as error:
        return _fail(error)
    except KeyboardInterrupt:
        _say("stopped by hand")
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
    console.print(table)
    judged = [o.blamed for o in found if o.blamed is not None]
    console.print(
        f"{sum(o.found for o in found)} of {len(found)} found, "
        f"{sum(o.placed for o in found)} placed, "
        f"{sum(judged)} of {len(judged)} blamed rightly; "
        f"{len(alarms)} false alarms in {drawn:,} correct draws"
        + (f": {', '.join(sorted(set(alarms)))}" if alarms else "")
    )
    _write_json(
        json_file,
        {
            "plants": [o.to_json() for o in found],
            "correct_draws": drawn,
            "false_alarms": alarms,
        },
    )
    right = all(o.found and o.placed and o.blamed is not False for o in found)
    return 0 if right and not alarms else EXIT_DIFFERS


def run_conformance(wanted, json_file, jobs, backend) -> int:
    from rich.table import Table

    from .catalogue import select
    from .conformance import MissingSamples, class_names, conform
    from .sweep import UnknownBackend, sweep
    from .threads import threads

    console = tables.console()
    _require_writable(json_file)
    found = {}
    try:
        names = select(wanted, class_names())
        tasks = [(name,) for name in names]
        with _progress() as progress, threads(1):
            bar = progress.add_task("PyTorch's samples", total=len(tasks))
            for number, result in sweep(conform, tasks, jobs=jobs, backend=backend):
                found[number] = result
                progress.advance(bar)
    except (MissingSamples, UnknownBackend) as error:
        return _fail(error)
    except KeyboardInterrupt:
        _say(f"stopped by hand after {len(found)} classes")
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
    _write_json(json_file, [r.to_json() for r in results])
    return 0 if passed == samples else EXIT_DIFFERS


def list_all(json_file) -> int:
    from rich.table import Table

    from . import lessons
    from .cases import CASES
    from .catalogue import concepts

    console = tables.console()
    found = concepts()
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("concept", no_wrap=True)
    table.add_column("cases", justify="right", no_wrap=True)
    for name in found:
        table.add_row(name, str(len(CASES.get(name, ()))))
    console.print(table)
    covered = sum(name in CASES for name in found)
    console.print(f"{covered} of {len(found)} concepts have cases.\n")
    titles = {name: lessons.load(name).title for name in lessons.NAMES}
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("lesson", no_wrap=True)
    table.add_column("", overflow="fold")
    for name, title in titles.items():
        table.add_row(name, title)
    console.print(table)
    cases = {name: [str(case) for case in CASES.get(name, ())] for name in found}
    _write_json(json_file, {"concepts": cases, "lessons": titles})
    return 0


def serve_board(runs: str, port: int) -> int:
    folder = Path(runs)
    if not folder.is_dir():
        return _fail(f"there is no folder {runs}; `twofold run` writes one")
    from .board import lesson_links

    console = tables.console()
    for line in lesson_links(folder, port):
        console.print(line, soft_wrap=True, markup=False)
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(folder)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--load_fast=false"]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    process = subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        for line in process.stderr:
            if _worth_reading(line):
                _say(line.strip())
        return process.wait()
    except KeyboardInterrupt:
        process.send_signal(signal.SIGINT)
        process.wait()
        return 0


def _worth_reading(line: str) -> bool:
    """TensorBoard's own lines, less those that a user can do nothing about."""
    noise = ("TensorFlow installation not found", "NOTE:", "Warning", "load_fast")
    return bool(line.strip()) and not any(word in line for word in noise)


def run_bench(rounds: int, threads: int, json_file) -> int:
    from rich.table import Table

    from .bench import WORKLOADS, measure

    console = tables.console()
    _require_writable(json_file)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("workload", "scratch", "torch", "ratio"):
        table.add_column(
            name,
            justify="left" if name == "workload" else "right",
            no_wrap=name != "workload",
            overflow="fold",
        )
    found = []
    with _progress() as progress:
        task = progress.add_task("timing", total=len(WORKLOADS) * rounds)
        for workload in WORKLOADS:
            timing = measure(workload, rounds, threads, lambda: progress.advance(task))
            found.append(timing)
            table.add_row(
                timing.name,
                f"{timing.scratch * 1e3:.2f} ms",
                f"{timing.torch * 1e3:.2f} ms",
                f"{timing.ratio:.2f}",
            )
    console.print(table)
    console.print(f"medians of {rounds} interleaved rounds, {threads} thread(s)")
    _write_json(json_file, [vars(timing) | {"ratio": timing.ratio} for timing in found])
    return 0


def _progress() -> Progress:
    """A bar with the time left, on a terminal only, and gone when it is done."""
    console = tables.console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def _require_writable(json_file: str | None) -> None:
    """Fail before the work, not after it."""
    if json_file is None:
        return
    folder = Path(json_file).parent
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise click.UsageError(f"--json: cannot write to {folder}")


def _write_json(json_file: str | None, content) -> None:
    """All or nothing: a reader never sees half a file."""
    if json_file is None:
        return
    partial = Path(f"{json_file}.partial")
    partial.write_text(json.dumps(content, indent=2) + "\n")
    partial.replace(json_file)


def _say(message) -> None:
    click.echo(f"twofold: {message}", err=True)


def _fail(message) -> int:
    _say(message)
    return EXIT_USAGE
