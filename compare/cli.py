"""The command `twofold`."""

import click

from .commands import (
    bench,
    board,
    check,
    conformance,
    diff,
    listing,
    run,
    selftest,
    study,
)
from .commands.common import examples


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


@click.group(
    cls=Group,
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
    listing.list_,
    board.board,
    bench.bench,
    diff.diff,
    study.study,
):
    main.add_command(command)

if __name__ == "__main__":
    main()
