"""What the pages say of kinks, asked of both sides."""

import io
from dataclasses import dataclass, replace

import numpy as np
import pytest
from rich.console import Console

from twofold.compare.concepts.cases import CASES
from twofold.compare.concepts.cases.spec import Case, Dice, Real, Value
from twofold.compare.concepts.catalogue import Concept
from twofold.compare.concepts.checking import SIDES
from twofold.compare.concepts.conventions import CONVENTIONS
from twofold.compare.numerics.verdict import Evidence, judge
from twofold.compare.report.links import page_of
from twofold.compare.study.pages import concept_page
from twofold.compare.study.site import Site
from twofold.compare.study.terminal import show

ROWS = [
    pytest.param(name, row, id=f"{name}: {row.where}")
    for name, rows in CONVENTIONS.items()
    for row in rows
]


@dataclass(frozen=True)
class These(Value):
    """These very numbers."""

    numbers: list
    differentiable: bool = False

    def draw(self, dice):
        return np.array(self.numbers)


def assert_same(found, told):
    judgement = judge(Evidence(np.asarray(found), np.asarray(told, np.float64)))
    assert judgement.verdict == "match", (judgement, found)


@pytest.mark.parametrize(("name", "row"), ROWS)
def test_both_sides_do_at_a_kink_what_its_page_says(name, row):
    """Else: a page teaches a convention that one of the two does not have."""
    first, *others = row.inputs
    case = Case(row.options, (These(first, True), *map(These, others)))
    concept = Concept(name)
    dice = Dice([0], 0)
    candidate, reference, feed, names = SIDES[concept.family](
        concept, case, dice, 0, "cpu"
    )
    ones = tuple(map(np.ones_like, feed.upstream))
    at_first = feed.parameters and reference.parameters(0)
    feed = replace(feed, upstream=ones, parameters=at_first)
    for side in candidate, reference:
        trace = side.run(feed)
        if row.output is not None:
            assert_same(trace["output"], row.output)
        if row.gradient is not None:
            gradient = trace[f"grad of {names[0]}"]
            assert_same(gradient, row.gradient)


def test_every_concept_with_kinks_in_its_cases_says_what_happens_there():
    """Else: a kink is drawn, and its page does not mention it."""
    kinked = {
        name
        for name, cases in CASES.items()
        for case in cases
        for value in getattr(case, "inputs", ())
        if name.startswith("nn.") and isinstance(value, Real) and value.kinks
    }
    assert kinked <= CONVENTIONS.keys()


def test_the_page_and_the_terminal_show_them(tmp_path):
    """Else: the table is there, and nobody reads it."""
    page = concept_page(Concept("nn.Hardswish"))
    Site(tmp_path).build([page])
    written = (tmp_path / page_of(page.name)).read_text(encoding="utf-8")
    assert "<td>at 3</td><td>the slope is 1</td>" in written
    console = Console(width=100, file=io.StringIO())
    show(console, page)
    assert "At its kinks, at 3: the slope is 1" in console.file.getvalue()
