"""The logs: what `twofold board` finds of them."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from twofold.compare.training.board import deep_link, lesson_links
from twofold.compare.training.checkpoint import REPORT


@pytest.mark.parametrize("place", ["compare", "bottleneck 2/compare"])
def test_the_newest_run_is_linked_whether_its_lesson_races_or_not(tmp_path, place):
    """If this failed, the board would say that there are no runs after a race."""
    run = tmp_path / "2026-01-31_12-00-00"
    (run / place).mkdir(parents=True)
    (run / REPORT).write_text(json.dumps([{"name": "autoencoder: bottleneck 2"}]))
    first, link = lesson_links(tmp_path, 6006)
    assert first.endswith(run.name)
    assert "tagFilter=%5Eautoencoder%2F" in link


@pytest.mark.parametrize(
    ("run", "shown"),
    [
        ("2026-01-31/scratch", True),
        ("2026-01-31/compare", True),
        ("2026-01-31/bottleneck 2/compare", True),
        ("2026-01-31/compare/digits trial", False),
        ("2026-01-31/bottleneck 2/compare/autoencoder trial", False),
    ],
)
@pytest.mark.parametrize("name", ["2026-01-31", "[^/]*"])
def test_a_link_shows_both_sides_and_no_trials(run, shown, name):
    """Else: a run for each row of the HParams tab stands in the list of colours."""
    query = parse_qs(urlsplit(deep_link(name, "digits", 6006)).query)
    assert bool(re.search(*query["runFilter"], run)) == shown
    other = re.search(*query["runFilter"], "2026-01-30/scratch")
    assert bool(other) == (name == "[^/]*")
    assert re.search(*query["tagFilter"], "digits/loss")
    assert not re.search(*query["tagFilter"], "digits norms/loss")
