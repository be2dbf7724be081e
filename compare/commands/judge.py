"""`twofold judge`: a kernel that somebody, or something, wrote."""

import ast
import json
import shlex
import sys
from pathlib import Path

import click

from .common import (
    EXIT_DIFFERS,
    EXIT_INTERRUPTED,
    device_option,
    examples,
    fail,
    json_option,
    require_device,
    require_writable,
    say,
    seed_option,
    write_json,
)


def _sizes(context, option, texts) -> dict[str, object]:
    """NAME=VALUE of each, with VALUE as Python writes it."""
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.isidentifier():
            raise click.BadParameter(f"NAME=VALUE was expected, got {text!r}")
        try:
            found[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            raise click.BadParameter(f"{value!r} is no number, string, list") from None
    return found


def _patterns(context, option, texts) -> tuple[str, ...]:
    return tuple(word for text in texts for word in text.split(",") if word)


@click.command(
    epilog=examples(
        "twofold judge softmax.py my_softmax.py",
        "twofold judge problem.py kernel.py --set batch_size=16 --dtype bfloat16",
        "twofold judge problem.py kernel.py --forward-only --forbid '*conv*,*softmax*'",
        "twofold judge problem.py problem.py     # what the problem itself is worth",
    )
)
@click.argument("reference", type=click.Path(exists=True, dir_okay=False))
@click.argument("candidate", type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--set",
    "sizes",
    multiple=True,
    metavar="NAME=VALUE",
    callback=_sizes,
    help="Another value of a name that is assigned at the top of REFERENCE; from "
    "Python: twofold.judge(..., sizes={'NAME': VALUE}). Sizes that weights have are "
    "changed by this alone.",
)
@click.option(
    "--draws",
    default=4,
    show_default=True,
    type=click.IntRange(1),
    help="Random draws; the first is as the file makes it.",
)
@click.option(
    "--dtype",
    default="float32",
    show_default=True,
    type=click.Choice(["float32", "bfloat16", "float16", "float64"]),
    help="Working precision.",
)
@device_option
@click.option("--forward-only", is_flag=True, help="Do not compare gradients.")
@click.option(
    "--as-given",
    is_flag=True,
    help="Inputs as get_inputs makes them, in every draw: for what is symmetric, "
    "triangular, sorted, or of one size only. Otherwise square ones stay square.",
)
@click.option(
    "--mode",
    default="both",
    show_default=True,
    type=click.Choice(["train", "eval", "both"]),
    help="The mode of the modules; both in turns.",
)
@click.option(
    "--limit",
    default=60.0,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    metavar="SECONDS",
    help="For one call of the candidate; all together may take ten times as long.",
)
@click.option(
    "--memory",
    default=8.0,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    metavar="GIB",
    help="For the candidate.",
)
@click.option(
    "--allow",
    multiple=True,
    metavar="OPS",
    callback=_patterns,
    help="Operations of torch that the candidate may call, and no others that compute: "
    "patterns with commas between.",
)
@click.option(
    "--forbid",
    multiple=True,
    metavar="OPS",
    callback=_patterns,
    help="Operations of torch that the candidate must not call, such as '*softmax*'.",
)
@json_option
@seed_option
def judge(reference, candidate, json_file, **options):
    """Judge the kernel in the file CANDIDATE by the model in the file REFERENCE.

    Both have KernelBench's form: REFERENCE has class Model, get_inputs() and
    get_init_inputs(); CANDIDATE has class ModelNew, or Model.

    The candidate runs in a process of its own that gets inputs, weights and upstream
    gradients, and gives back numbers. It never holds the reference, its results, its
    path or the verdict. Its time, memory and files are limited. That is no sandbox
    against malice towards the machine: do not run what you would not run.

    The last line on stdout is one line of JSON. Exit code 0: match; 1: anything else
    about the candidate; 2: used wrongly, or the reference is broken.
    """
    require_device(options["device"])
    require_writable(json_file)
    sys.exit(judge_files(reference, candidate, json_file, options))


def judge_files(reference, candidate, json_file, options) -> int:
    if json_file is not None:  # nobody shall read the verdict on another candidate
        Path(json_file).unlink(missing_ok=True)
    from ..sides.apart.process import nursery

    nursery()  # loads torch while this process does
    from ..concepts.kernels.api import judge
    from ..concepts.kernels.problem import BrokenReference, WrongOption

    try:
        report = judge(reference, candidate, **options)
    except (BrokenReference, WrongOption, OSError) as error:
        return fail(error)
    except KeyboardInterrupt:
        say("stopped by hand")
        return EXIT_INTERRUPTED
    report.command = _command(sys.argv[1:]) or report.command
    click.echo(str(report))
    write_json(json_file, report.to_json())
    click.echo(json.dumps(report.line()))
    return 0 if report.ok else EXIT_DIFFERS


def _command(words: list[str]) -> str:
    """The command that was given, if it was this one."""
    return shlex.join(["twofold", *words]) if words[:1] == ["judge"] else ""
