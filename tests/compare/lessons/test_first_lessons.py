"""The first lessons: both sides match, and what each lesson claims is what happens."""

import re
from dataclasses import replace

import pytest

from twofold.compare import lessons
from twofold.compare.training.board import Board
from twofold.compare.training.dataset import DataError
from twofold.compare.training.runs import LessonRun


def run(name: str, variant: str = "", options=None, board=None, **chosen):
    """The outline of one variant; `chosen` settings go before the variant's own."""
    lesson = lessons.load(name)
    (found,) = (v for v in lesson.variants if v.name == variant)
    settings = replace(lesson.settings(found, {"dtype": "float32"}), **chosen)
    outline = LessonRun(
        lesson, settings, board, variant=found, options=options or {}
    ).run()
    assert outline.ok, [(r.name, r.score) for r in outline.report.rows if not r.ok]
    return outline


def measured(outline) -> float:
    (values,) = outline.results.values()
    return values["scratch"]


def numbers(line: str) -> list[float]:
    return [float(n) for n in re.findall(r"-?\d+\.\d+", line)]


@pytest.mark.parametrize(
    ("name", "variant", "epochs"),
    [
        ("perceptron", "versicolor, virginica", 1),
        ("linear-regression", "ten measurements", 30),
        ("logistic-regression", "tumours", 30),
        ("line-as-classifier", "logistic, outliers", 30),
        ("softmax-regression", "", 3),
        ("no-activation", "four layers, no activation", 1),
        ("error-slope-delta", "students, batch", 30),
        ("error-slope-delta", "digits, batch", 10),
        ("xor", "curve, 8 hidden units", 30),
        ("playground", "", 3),
    ],
)
def test_a_lesson_matches_in_float64_too(name, variant, epochs):
    """If this failed, the two sides would not compute the same function."""
    assert run(name, variant, epochs=epochs, dtype="float64").steps >= epochs


def test_the_perceptron_comes_to_rest_only_where_a_line_divides():
    """If this failed, the convergence theorem would not be seen."""
    divided = run("perceptron", "setosa, versicolor", epochs=5)
    mixed = run("perceptron", "versicolor, virginica", epochs=5)
    assert divided.findings[0].endswith("scratch 0, torch_ref 0")
    assert not mixed.findings[0].endswith("scratch 0, torch_ref 0")
    assert measured(divided) == 1


def test_the_descent_arrives_at_the_closed_form():
    """If this failed, either the gradient or the solution would be wrong."""
    outline = run("linear-regression", "body mass index", epochs=150)
    for line in outline.findings:
        a, b, slope, intercept = numbers(line)
        assert (round(a, 4), round(b, 4)) == (round(slope, 4), round(intercept, 4))


def test_logistic_regression_tells_tumours_apart():
    """If this failed, the published accuracy would be false."""
    assert measured(run("logistic-regression", "tumours", epochs=100)) > 0.95


def test_outliers_drag_the_line_and_not_the_logistic_curve():
    """If this failed, the lesson would claim what is not so."""
    boundary = {
        variant: numbers(run("line-as-classifier", variant, epochs=250).findings[0])[0]
        for variant in ("line", "line, outliers", "logistic", "logistic, outliers")
    }
    assert boundary["line, outliers"] > boundary["line"] + 2
    assert abs(boundary["logistic, outliers"] - boundary["logistic"]) < 0.05


def test_softmax_regression_learns_the_irises():
    """If this failed, three classes would be beyond it."""
    assert measured(run("softmax-regression", epochs=30)) > 0.8


def test_linear_layers_collapse_into_one_and_with_relu_they_do_not():
    """If this failed, the product of the weights would be another network."""
    linear = run("no-activation", "four layers, no activation", epochs=2)
    bent = run("no-activation", "four layers, ReLU", epochs=2)
    gaps = [
        [float(g) for g in re.findall(r"(\d\.\de[+-]\d+)", o.findings[0])]
        for o in (linear, bent)
    ]
    assert max(gaps[0]) < 1e-3 < 1 < min(gaps[1])


@pytest.mark.parametrize("variant", ["students, batch", "students, sample by sample"])
def test_training_changes_the_mind_of_the_untrained_network(variant):
    """If this failed, the network would still fail the diligent student."""
    outline = run("error-slope-delta", variant)
    found = numbers(outline.findings[0])
    untrained, trained = found[:2], found[2:]
    assert min(untrained) > 0.8 and max(trained) < 0.3


def test_exclusive_or_needs_hidden_units():
    """If this failed, a line would divide what no line can divide."""
    assert measured(run("xor", "xor, no hidden units", epochs=200)) >= 0.4999
    assert measured(run("xor", "xor, 2 hidden units", epochs=400)) < 0.01


def test_more_units_come_closer_to_the_curve():
    """If this failed, width would be worth nothing."""
    few = run("xor", "curve, 1 hidden unit", epochs=300)
    many = run("xor", "curve, 16 hidden units", epochs=300)
    assert measured(many) < measured(few) / 3


@pytest.mark.parametrize(
    "options",
    [
        {"shape": "xor", "features": "x,y,xy", "depth": 0},
        {"shape": "spiral", "penalty": "l1", "activation": "SiLU"},
        {"shape": "gauss", "penalty": "l2", "noise": 0.5, "width": 1},
    ],
)
def test_the_playground_takes_its_options(options):
    """If this failed, an option would be offered that does nothing or breaks."""
    assert measured(run("playground", options=options, epochs=8)) > 0.5


def test_the_playground_solves_its_circle_and_draws_every_unit(tmp_path):
    """If this failed, the surfaces that should move would not be in the dashboard."""
    board = Board(tmp_path)
    outline = run("playground", board=board, epochs=12)
    board.close()
    assert measured(outline) > 0.95
    assert outline.notes == []
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    for side in "scratch", "torch_ref":
        log = EventAccumulator(str(board.path / side)).Reload()
        for layer in "hidden layer 1", "hidden layer 2":
            assert len(log.Images(f"playground/{layer}")) > 3
    log = EventAccumulator(str(board.path / "compare")).Reload()
    assert len(log.Images("playground/decision_surface")) > 3


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("shape", "square"),
        ("noise", 0.7),
        ("features", "x,z"),
        ("width", 0),
        ("depth", -1),
        ("activation", "Tan"),
        ("penalty", "l3"),
        ("strength", -1.0),
    ],
)
def test_the_playground_names_an_option_that_makes_no_sense(option, value):
    """If this failed, the user would see a trace from deep inside."""
    with pytest.raises(DataError, match=f"^{option}: expected .*{value}"):
        lessons.load("playground").load_data({option: value})
