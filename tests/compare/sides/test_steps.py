"""Optimisers as sides: how much of an update its rounding may explain."""

import pytest

from twofold import scratch
from twofold.compare.concepts.catalogue import Concept
from twofold.compare.concepts.checking import check_concept


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_a_step_that_is_too_long_by_a_billionth_is_found(monkeypatch, name):
    """Else: the size of the weights excuses any small mistake in their updates."""
    kind = getattr(scratch.optim, name)
    right = kind.update

    def long(self, group, p, g, s):
        right(self, {**group, "lr": group["lr"] * (1 + 1e-9)}, p, g, s)

    monkeypatch.setattr(kind, "update", long)
    report = check_concept(Concept(f"optim.{name}"), draws=1, until_found=True)
    assert (report.verdict, report.first) == ("mismatch", report.rows[0].name)
