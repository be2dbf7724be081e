"""Every concept: outputs and gradients of both sides, in float64 and float32."""

import pytest

from twofold.compare.concepts.cases import CASES
from twofold.compare.concepts.catalogue import concepts
from twofold.compare.concepts.checking import check_concept

# Every case is drawn at least once, and a concept of few cases more often;
# `twofold check` makes many more draws.
DRAWS_OF_CONCEPT = 4


@pytest.mark.parametrize("name", [name for name in concepts() if name in CASES])
def test_both_sides_compute_the_same(name):
    """Else: the message says which tensor differs first, and who is wrong."""
    draws = -(-DRAWS_OF_CONCEPT // len(CASES[name]))
    report = check_concept(concepts()[name], draws=draws)
    assert report.rows, "nothing was compared"
    assert report.ok, str(report)
