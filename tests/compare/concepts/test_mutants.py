"""Random edits of scratch: what they are, and that each runs apart from the rest."""

import ast
import multiprocessing

import numpy as np
import pytest

from twofold import scratch
from twofold.compare.concepts.mutants.edits import Edit, edited, edits_of
from twofold.compare.concepts.mutants.running import PRELOADED, ROOT, fate

SOURCE = '''
def forward(x, axis=1):
    """Half: 2."""
    if x < 0:
        raise ValueError(f"{x + 1}")
    return np.maximum(x, 0) + 2 * x
'''


def test_edits_leave_messages_refusals_and_docstrings_alone():
    """Else: edits that change no number are counted as not seen."""
    found = edits_of("scratch/nn/some.py", SOURCE)
    assert {(e.line, e.before, e.after) for e in found} >= {
        (6, "np.maximum", "np.minimum"),
        (6, "2 * x", "2 / x"),
        (6, "2", "4"),
        (6, "np.maximum(x, 0) + 2 * x", "np.maximum(x, 0)"),
    }
    assert {e.line for e in found} == {6} and {e.function for e in found} == {2}


def test_each_edit_changes_one_place():
    """Else: a mutant is another than the one that is told, or none at all."""
    found = edits_of("", SOURCE)
    right = ast.unparse(ast.parse(SOURCE))
    texts = [edited(SOURCE, e.number) for e in found]
    assert len({right, *texts}) == len(found) + 1
    for edit, text in zip(found, texts, strict=True):
        lines = zip(right.split("\n"), text.split("\n"), strict=True)
        differing = [mine for theirs, mine in lines if mine != theirs]
        assert len(differing) == 1 and edit.after in differing[0]


@pytest.fixture(scope="module")
def context():
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


def _edits(path):
    return edits_of(path, (ROOT / path).read_text(encoding="utf-8"))


def test_an_edit_is_seen_and_nothing_is_seen_without_one(context):
    """Else: the figure counts a harness that fails for reasons of its own."""
    path = "scratch/nn/robust_loss.py"
    edit = next(e for e in _edits(path) if e.before.count("*") == 1 and "/" in e.after)
    names = ["nn.SmoothL1Loss", "nn.HuberLoss"]
    assert fate(edit, names, {}, 0, context).killed
    none = Edit(path, -1, edit.line, edit.function, "", "")
    assert not fate(none, names, {}, 0, context).killed
    y, _ = scratch.nn.HuberLoss()(np.array([3.0]), np.array([0.0]))
    assert y == 2.5
