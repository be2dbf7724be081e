"""`python -m compare` is the command `twofold`."""

from .cli import main

main(prog_name="twofold")
