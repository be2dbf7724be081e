"""Lessons without training: what they print is what both sides say."""

import re
from dataclasses import replace

import numpy as np
import pytest

from twofold.compare import lessons
from twofold.compare.lessons import misprints
from twofold.compare.training.board import Board
from twofold.compare.training.demonstration import demonstrate


def shown(name: str, dtype: str = "float32", board=None):
    lesson = lessons.load(name)
    outline = demonstrate(lesson, replace(lesson.defaults, dtype=dtype), board)
    assert outline.ok, [(r.name, r.score) for r in outline.report.rows if not r.ok]
    return outline


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_chain_rule_prints_every_derivative_of_both_sides(dtype):
    """If this failed, a node of the graph would be left out, or differ."""
    lines = shown("chain-rule", dtype).findings
    for node in ("x", "W1", "z1", "a1", "w2", "z2", "y", "t", "L"):
        (line,) = (line for line in lines if line.split()[0] == node)
        _, mine, theirs = (float(n) for n in line.split()[1:])
        assert round(mine, 6) == round(theirs, 6)
        assert mine != 0
    # By hand, from W1 = 3, w2 = 1, x = 0.5, t = 1.
    a1 = 1 / (1 + np.exp(-1.5))
    y = 1 / (1 + np.exp(-a1))
    dW1 = (y - 1) * y * (1 - y) * 1.0 * a1 * (1 - a1) * 0.5
    (line,) = (line for line in lines if line.startswith("W1"))
    assert f"{dW1:.7f}" in line


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_misprint_is_caught_and_the_right_formula_matches(dtype):
    """If this failed, a wrong formula of the articles would pass for right."""
    outline = shown("misprints", dtype)
    caught = [r for r in outline.report.rows if r.name.endswith(": caught")]
    assert len(caught) == len(misprints.MISPRINTS) == 10
    assert {m.letter for m in misprints.MISPRINTS} == set("abcdefghi")
    text = "\n".join(outline.findings)
    assert text.count(": match") == 10
    assert "grad of input; mine: backward" in text  # (a) contradicts its own forward
    assert text.count("first in: update") == 2
    assert "could not be broadcast" in text
    before, up, down = map(
        float, re.search(r"loss of (\S+): printed (\S+), right (\S+)", text).groups()
    )
    assert down < before < up


def test_a_misprint_that_is_not_caught_fails_the_lesson(monkeypatch):
    """If this failed, the lesson would praise a detector that detects nothing."""
    (h,) = (m for m in misprints.MISPRINTS if m.letter == "h")
    harmless = replace(h, wrong_pair=h.right_pair)
    monkeypatch.setattr(misprints, "MISPRINTS", (harmless,))
    lesson = lessons.load("misprints")
    outline = demonstrate(lesson, lesson.defaults)
    assert not outline.ok and "caught" in outline.report.first


def test_one_neuron_at_a_time_is_the_layer():
    """If this failed, the rows of the matrix would not be the neurons."""
    lines = shown("neuron").findings
    (alone,) = (line for line in lines if line.startswith("three neurons"))
    (layer,) = (line for line in lines if line.startswith("one layer"))
    assert alone.split(":")[1].strip() in layer


def test_an_outlier_pulls_at_the_squared_error_most():
    """If this failed, the losses would not differ in what they are there for."""
    lines = [line for line in shown("losses").findings if "outlier" in line]
    slopes = {
        line.split(":")[0]: float(re.search(r"taken for (\S+)", line).group(1))
        for line in lines
    }
    assert abs(slopes["MAE"] - 1) < abs(slopes["Huber"] - 1) < 0.2
    assert slopes["MSE"] > 2 and slopes["half squared error"] > 2


def test_sigmoid_and_tanh_saturate_and_relu_does_not():
    """If this failed, the printed slopes would not be those of the functions."""
    lines = shown("activations").findings
    at_4 = {
        line[:20].strip(): float(re.search(r"([+-][\d.]+)\), by torch", line).group(1))
        for line in lines
        if "slope at" in line
    }
    assert len(at_4) == 12
    assert at_4["ReLU"] == 1 and at_4["threshold"] == 0
    assert 0 < at_4["tanh"] < at_4["sigmoid"] < 0.02


@pytest.mark.parametrize(
    ("name", "pictures"),
    [
        ("chain-rule", ["graph"]),
        ("neuron", ["bias_shifts"]),
        ("activations", ["activations"]),
        ("losses", ["losses", "outlier"]),
    ],
)
def test_the_pictures_are_in_the_dashboard(name, pictures, tmp_path):
    """If this failed, there would be nothing to look at."""
    pytest.importorskip("matplotlib", reason="comes with the extra 'study'")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    board = Board(tmp_path)
    shown(name, board=board)
    board.close()
    log = EventAccumulator(str(board.path / "compare")).Reload()
    assert log.Tags()["images"] == [f"{name}/{picture}" for picture in pictures]
