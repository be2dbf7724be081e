"""The logs: what `twofold board` finds of them."""

import json

import pytest

from compare.board import lesson_links
from compare.checkpoint import REPORT


@pytest.mark.parametrize("place", ["compare", "bottleneck 2/compare"])
def test_the_newest_run_is_linked_whether_its_lesson_races_or_not(tmp_path, place):
    """If this failed, the board would say that there are no runs after a race."""
    run = tmp_path / "2026-01-31_12-00-00"
    (run / place).mkdir(parents=True)
    (run / REPORT).write_text(json.dumps([{"name": "autoencoder: bottleneck 2"}]))
    first, link = lesson_links(tmp_path, 6006)
    assert first.endswith(run.name)
    assert "tagFilter=%5Eautoencoder%2F" in link
