"""`python -m twofold` is the command `twofold`."""

from .compare.cli import main

main(prog_name="twofold")
