"""`twofold list`: what there is."""

import sys

import click

from .common import examples, json_option, write_json


@click.command("list", epilog=examples("twofold list", "twofold list --json all.json"))
@json_option
def list_(json_file):
    """List lessons and concepts, and how many cases check each."""
    sys.exit(list_all(json_file))


def list_all(json_file) -> int:
    from rich.table import Table

    from .. import lessons
    from ..concepts.cases import CASES
    from ..concepts.catalogue import concepts
    from ..report import tables

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
    library = {name: lessons.load(name) for name in lessons.NAMES}
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("lesson", no_wrap=True)
    table.add_column("", overflow="fold")
    for name, lesson in library.items():
        table.add_row(name, lesson.title)
        if options := getattr(lesson, "options", {}):
            shown = ", ".join(f"{k}={v}" for k, v in options.items())
            table.add_row("", f"--set {shown}", style="dim")
    console.print(table)
    titles = {name: lesson.title for name, lesson in library.items()}
    cases = {name: [str(case) for case in CASES.get(name, ())] for name in found}
    write_json(json_file, {"concepts": cases, "lessons": titles})
    return 0
