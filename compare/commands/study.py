"""`twofold study`: both codes side by side, in the terminal and as pages."""

import sys
import time
from pathlib import Path

import click

from .common import (
    EXIT_INTERRUPTED,
    examples,
    fail,
    jobs_option,
    progress_bar,
    say,
)

MANY = 3  # pages at once in a terminal


@click.command(
    epilog=examples(
        "twofold study",
        "twofold study digits",
        "twofold study nn.Linear",
        "twofold study --html site",
        "twofold study --serve",
    )
)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--html",
    "folder",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Write the pages to DIR; DIR/index.html opens without a server.",
)
@click.option(
    "--serve", is_flag=True, help="Write the pages and serve them, here only."
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=None,
    help="Port of --serve (default: 6007).",
)
@click.option(
    "--check/--no-check",
    "checked",
    default=True,
    help="Whether the pages show fresh verdicts (default: they do).",
)
@click.option(
    "--draws",
    default=2,
    show_default=True,
    type=click.IntRange(1),
    help="Random draws of each case, for the verdicts.",
)
@click.option(
    "--bench",
    "timings",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="What `twofold bench --json FILE` wrote: pages show the ratios.",
)
@jobs_option
def study(names, folder, serve, port, checked, draws, timings, jobs):
    """Read a concept or a lesson: NumPy on the left, PyTorch on the right.

    Without a NAME, list what there is. A NAME is that of a lesson, or of a concept as
    `twofold check` takes it.

    With --html, pages of all of them are written: with formulas, pictures, verdicts of
    a fresh comparison (kept in .parity/ until the code changes), and a search.
    """
    if names and (folder or serve):
        raise click.UsageError("--html and --serve write all pages: give no NAME")
    try:
        if folder or serve:
            target = Path(folder or ".parity/study")
            code = write_pages(target, checked, draws, timings, jobs)
            sys.exit(code or (serve and serve_pages(target, port)) or 0)
        sys.exit(show_pages(names) if names else list_pages())
    except LookupError as error:
        raise click.UsageError(str(error.args[0])) from None
    except ImportError as error:
        if error.name not in ("jinja2", "pygments", "matplotlib"):
            raise
        sys.exit(fail(f"the pages need {error.name}: pip install '.[study]'"))


def list_pages() -> int:
    from rich.text import Text

    from ..concepts.catalogue import concepts
    from ..report import tables
    from ..study.chapters import LESSONS, chapter_of, in_order
    from ..study.uses import lesson_names

    console = tables.console()
    chapters = {LESSONS: lesson_names()}
    for name, concept in concepts().items():
        chapters.setdefault(chapter_of(concept), []).append(name)
    for chapter in in_order(list(chapters)):
        console.print(Text(chapter, style="bold"))
        console.print(Text("  " + ", ".join(chapters[chapter])))
    console.print(
        "\ntwofold study NAME shows one; twofold study --html DIR writes the pages."
    )
    return 0


def show_pages(names: tuple[str, ...]) -> int:
    """Raises LookupError for a name that is not known."""
    from ..concepts.catalogue import concepts, select
    from ..report import tables
    from ..study.pages import concept_page, lesson_page
    from ..study.steps import StepsDiffer
    from ..study.terminal import show
    from ..study.uses import lesson_names

    console = tables.console()
    lessons, known = lesson_names(), concepts()
    chosen = []
    for name in names:
        short = name.removeprefix("lessons.")
        if short in lessons:
            chosen.append(f"lessons.{short}")
        else:
            every = [*known, *(f"lessons.{n}" for n in lessons)]
            chosen += select((name,), every)
    if len(chosen) > MANY:
        console.print(f"{len(chosen)} pages have that name; choose of\n")
        console.print("\n".join(f"  {name}" for name in chosen), markup=False)
        return 0
    try:
        for name in chosen:
            family, _, last = name.partition(".")
            page = (
                lesson_page(last) if family == "lessons" else concept_page(known[name])
            )
            show(console, page)
    except StepsDiffer as error:
        return fail(error, 1)
    return 0


def write_pages(folder: Path, checked: bool, draws: int, timings, jobs: int) -> int:
    from ..report import tables
    from ..study.facts import BadTimings, read_timings
    from ..study.pages import all_pages
    from ..study.site import Site
    from ..study.steps import StepsDiffer
    from ..study.verdicts import gather

    console = tables.console()
    started = time.perf_counter()
    try:
        times = read_timings(Path(timings)) if timings else []
        pages = all_pages()  # before minutes are spent on verdicts
        with progress_bar() as progress:
            bars = {}

            def advance(what: str):
                def tick(name: str, total: int) -> None:
                    if what not in bars:
                        bars[what] = progress.add_task(what, total=total)
                    progress.update(bars[what], advance=1, description=f"{what} {name}")

                return tick

            facts = gather(checked, draws, jobs, advance("comparing"))
            facts.times = times
            pages = Site(folder, facts, advance("writing")).build(pages)
    except StepsDiffer as error:
        return fail(error, 1)
    except (BadTimings, OSError) as error:
        return fail(error)
    except KeyboardInterrupt:
        say("stopped by hand; verdicts found so far are kept")
        return EXIT_INTERRUPTED
    _, verdict = facts.overall()
    console.print(
        f"{len(pages)} pages in {time.perf_counter() - started:.0f} s, {verdict}: "
        f"{folder / 'index.html'}",
        markup=False,
        soft_wrap=True,
    )
    return 0


def serve_pages(folder: Path, port: int | None) -> int:
    from functools import partial
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    from ..report.links import PORT

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    handler = partial(Quiet, directory=str(folder))
    try:
        server = ThreadingHTTPServer(
            ("127.0.0.1", PORT if port is None else port), handler
        )
    except OSError as error:
        return fail(f"--port {port or PORT}: {error.strerror}")
    with server:
        click.echo(f"http://127.0.0.1:{server.server_port}/  (Ctrl-C ends it)")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return 0
    return 0
