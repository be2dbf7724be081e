"""A detector is worth what it detects: real mistakes, planted one at a time.

A plant is a small patch of scratch that makes a mistake somebody made, with its source.
It must be *found* (the check of its concept fails), *placed* (in the right tensor, at
the right step) and, where a culprit is known, *blamed* rightly. The plants stand in
`tests/planted/`, since they belong to the tests and not to what is installed.
"""

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import numpy as np

from ..report.report import Report
from .cases import CASES
from .catalogue import Concept, concepts
from .checking import check_concept

FOLDER = Path(__file__).parents[2] / "tests" / "planted"
DRAWS = 32


class NoPlants(Exception):
    """The plants are not there: the package was installed without its source."""


@dataclass(frozen=True)
class Plant:
    """One mistake: `patch()` makes it, `where` is a part of the report's `first`.

    One that stands in a pair of its own is told by what `check(seed)` reports of it,
    and only if `correct(seed)`, the same pair without the mistake, matches.
    """

    name: str
    source: str
    concepts: tuple[str, ...]
    patch: Callable[[], AbstractContextManager]
    where: str
    cause: str | None = None
    draws: int = 1  # at least so many, for a mistake that shows at large sizes only
    check: Callable[[int], Report] | None = None
    correct: Callable[[int], Report] | None = None


@dataclass(frozen=True)
class Outcome:
    """What the harness said of a plant."""

    name: str
    source: str
    found: bool
    placed: bool
    blamed: bool | None  # None: no culprit is known beforehand
    first: str | None
    cause: str | None

    def to_json(self) -> dict:
        return vars(self)


@contextmanager
def patch(owner, name: str, value) -> Iterator[None]:
    """`owner.name` is `value` for as long as the block lasts."""
    with mock.patch.object(owner, name, value):
        yield


def plants() -> dict[str, Plant]:
    """All plants by name."""
    if not FOLDER.is_dir():
        raise NoPlants(
            f"the planted mistakes are part of the source tree, and {FOLDER} is not "
            "there: run this from a clone"
        )
    found = {}
    for path in sorted(FOLDER.glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"planted_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found |= {plant.name: plant for plant in module.PLANTS}
    return found


def try_plant(name: str, seed: int = 0, draws: int = DRAWS) -> Outcome:
    """Plant the mistake, check its concepts, and take it out again."""
    plant = plants()[name]
    draws = max(draws, plant.draws)
    with plant.patch(), np.errstate(all="ignore"):
        reports = [
            check_concept(Concept(c), seed, draws, until_found=True)
            for c in plant.concepts
        ]
        if plant.check is not None:
            reports = [plant.check(seed)]
        right = plant.correct is None or plant.correct(seed).ok
    report = next((r for r in reports if not r.ok), reports[0])
    found = not report.ok and right
    return Outcome(
        plant.name,
        plant.source,
        found,
        found and plant.where in report.first,
        None if plant.cause is None else report.cause == plant.cause,
        report.first,
        report.cause,
    )


def correct_tasks(seed: int, draws: int) -> list[tuple]:
    """Checks of every concept, from as many seeds as make up about `draws` draws."""
    names = list(concepts())
    cases = sum(len(CASES[name]) for name in names)
    each = max(1, min(8, draws // cases))
    seeds = -(-draws // (cases * each))
    return [
        (name, each, seed + 1000 + k) for k in range(seeds) for name in names if draws
    ]


def false_alarms(name: str, draws: int, seed: int) -> tuple[int, list[str]]:
    """How many correct draws were made, and the concept's name if any was rejected."""
    report = check_concept(Concept(name), seed, draws)
    where = f"{name} --seed {seed}: {report.first}"
    return report.draws, [] if report.ok else [where]
