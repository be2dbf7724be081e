"""The command `twofold`."""

import click

from .commands import (
    bench,
    board,
    check,
    conformance,
    diff,
    judge,
    listing,
    run,
    selftest,
    study,
)
from .commands.common import EXIT_INTERRUPTED, examples


class Commands(click.Group):
    """What nobody catches below ends in one line, and as a shell expects it."""

    def invoke(self, ctx: click.Context):
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("stopped by hand", err=True)
            ctx.exit(EXIT_INTERRUPTED)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 88},
    epilog=examples("twofold run", "twofold check nn.Linear Adam", "twofold board"),
)
@click.version_option(package_name="twofold")
def main():
    """Deep learning twice: by hand and with PyTorch, compared at every step."""


for command in (
    run.run,
    check.check,
    conformance.conformance,
    selftest.selftest,
    judge.judge,
    listing.list_,
    board.board,
    bench.bench,
    diff.diff,
    study.study,
):
    main.add_command(command)

if __name__ == "__main__":
    main()
