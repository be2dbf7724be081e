"""Lessons on how to train: what each claims is what happens."""

import pytest

from twofold.compare import lessons
from twofold.compare.lessons.figures.training import dead_units
from twofold.compare.lessons.programme import Plan
from twofold.compare.training.outcome import Outcome
from twofold.compare.training.runs import LessonRun


def run(name: str, *variants: str, dtype="float32", **chosen):
    """The outlines of some variants, by name; with `chosen` settings instead of theirs
    in all that a variant is not about.
    """
    lesson = lessons.load(name)
    found = {}
    for variant in lesson.variants:
        if variant.name in variants:
            settings = lesson.settings(variant, {"dtype": dtype, **chosen})
            training = LessonRun(lesson, settings, variant=variant)
            found[variant.name] = training.run(), training
    assert len(found) == len(variants)
    return found


def quality(outline) -> float:
    (values,) = outline.results.values()
    return values["scratch"]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_rate_that_is_too_large_diverges_on_both_sides_at_the_same_step(dtype):
    """If this failed, the lesson would show a divergence of one side only."""
    found = run("learning-rate", "diverging", dtype=dtype)
    outline, _ = found["diverging"]
    assert outline.ok and outline.diverged_at == outline.steps
    assert "inf" in outline.notes[-1] or "nan" in outline.notes[-1]


def test_a_good_rate_beats_one_that_is_too_small():
    """If this failed, the lesson on rates would teach the wrong thing."""
    found = run("learning-rate", "too small", "good", "cosine", epochs=2)
    assert all(outline.ok for outline, _ in found.values())
    values = {name: quality(outline) for name, (outline, _) in found.items()}
    assert values["good"] > values["too small"] + 0.3


@pytest.mark.parametrize(
    "variant", [v.name for v in lessons.load("optimizers").variants]
)
def test_every_optimizer_matches_with_its_state(variant):
    """If this failed, the race would not be one of the same algorithms."""
    outline, _ = run("optimizers", variant, epochs=1)[variant]
    assert outline.ok, outline.report.first
    states = {row.name.split(": ")[-1] for row in outline.report.rows}
    plain = variant == "SGD"
    assert plain or any("layers.0.weight" in s and "of" in s for s in states)


def test_zeros_keep_units_twins_and_he_does_not():
    """If this failed, symmetry would not need to be broken."""
    found = run("initialisation", "zeros", "He, ReLU", epochs=1)
    assert all(outline.ok for outline, _ in found.values())
    weights = {
        name: training.sides["scratch"].model.state_dict()["layers.2.weight"]
        for name, (_, training) in found.items()
    }
    assert (weights["zeros"] == weights["zeros"][0]).all()
    assert not (weights["He, ReLU"] == weights["He, ReLU"][0]).all()


def test_large_steps_kill_relus_and_not_leaky_ones():
    """If this failed, the dead would not be counted, or leaking would not help."""
    found = run("dying-relu", "ReLU, large steps", "leaky ReLU, large steps", epochs=2)
    dead = {}
    for name, (outline, training) in found.items():
        assert outline.ok
        dead[name] = sum(
            dead_units(Outcome(training.data, training.sides, training.settings))
        )
    assert dead["ReLU, large steps"] > 10
    assert dead["leaky ReLU, large steps"] == 0


def test_early_stopping_stops_early_and_penalties_match():
    """If this failed, a way against overfitting would differ between the sides."""
    found = run("overfitting", "L2", "L1", "dropout", epochs=5)
    assert all(outline.ok for outline, _ in found.values())
    outline, training = run("overfitting", "early stopping")["early stopping"]
    assert outline.ok
    assert outline.steps < training.sides["scratch"].steps
    assert outline.steps % training.sides["scratch"].steps_per_epoch == 0


def test_noise_and_momentum_leave_the_hollow_in_which_the_full_batch_stays():
    """If this failed, the bumpy surface would teach nothing."""
    names = "bumpy, full batch", "bumpy, one sample", "bumpy, momentum"
    found = run("gradient-descent", *names)
    heights = {name: quality(outline) for name, (outline, _) in found.items()}
    assert all(outline.ok for outline, _ in found.values())
    assert heights["bumpy, full batch"] > 1
    assert max(heights["bumpy, one sample"], heights["bumpy, momentum"]) < 0.5
    _, training = found["bumpy, momentum"]
    assert len(training.paths["scratch"]) == 60


def test_every_trial_of_the_search_is_a_column_of_the_hparams_table():
    """If this failed, trials could not be told apart."""
    lesson = lessons.load("hyperparameters")
    assert len(lesson.variants) == len({v.name for v in lesson.variants}) == 16
    for variant in lesson.variants:
        assert set(variant.options) == {"width", "depth", "activation", "penalty"}
    name = lesson.variants[0].name
    assert run("hyperparameters", name, epochs=1)[name][0].ok


def test_options_of_one_lesson_are_not_given_to_another():
    """If this failed, --csv would break every lesson beside `table`."""
    plan = Plan(["digits"], ["float32"], {"seed": 0}, {"csv": "x"})
    assert plan.options_of(lessons.load("digits")) == {}
    assert plan.options_of(lessons.load("table")) == {"csv": "x"}
