"""A user's CSV: sensible numbers with an account, or one clear line."""

import numpy as np
import pytest

from twofold.compare import lessons
from twofold.compare.lessons.data.table import MOST_ROWS, BadTable, table
from twofold.compare.sides.threads import threads
from twofold.compare.training.lesson import Variant
from twofold.compare.training.runs import LessonRun


@pytest.fixture
def csv(tmp_path):
    """A function that writes a CSV file and returns its path."""

    def write(content, encoding="utf-8"):
        path = tmp_path / "t.csv"
        path.write_bytes(
            content if isinstance(content, bytes) else content.encode(encoding)
        )
        return str(path)

    return write


def rows(count, line, header="a,b,y"):
    return header + "\n" + "".join(line(i) + "\n" for i in range(count))


@pytest.mark.parametrize(
    ("content", "target", "said"),
    [
        ("", "y", "the file is empty"),
        ("a,y\n", "y", "a header and no rows"),
        ("a,y\n1,2\n", "y", "at least 10 are needed"),
        (rows(30, lambda i: f"{i},{i},{i}"), "yy", "Did you mean 'y'?"),
        (rows(30, lambda i: f"{i},{i},7"), "y", "nothing to predict"),
        (rows(30, lambda i: f"1,x,{i}"), "y", "no column is left"),
        (rows(30, lambda i: f"{i}", "y"), "y", "one column only"),
        (bytes(range(256)) * 9, "y", "not a text file"),
        (rows(90, lambda i: f"{i},1,t{i}"), "y", "more than 50 classes"),
    ],
)
def test_a_bad_file_gets_one_clear_line(csv, content, target, said):
    """If this failed, a user would get a trace, or a nonsensical model."""
    with pytest.raises(BadTable, match=said.replace("?", r"\?")) as error:
        table(csv(content), target)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("target", "task"),
    [(lambda i: 1000 * i, "regression"), (lambda i: i % 3, "classification")],
)
def test_the_task_is_told_by_how_often_values_come_again(csv, target, task):
    """Else: twelve prices are twelve classes, of which none is seen twice."""
    file = csv(rows(12, lambda i: f"{i},{-i},{target(i)}"))
    assert f"{task}, by the target's" in "".join(table(file, "y").account)


def test_text_in_a_regression_target_is_named(csv):
    """If this failed, a typing error would turn numbers into classes."""
    content = rows(50, lambda i: f"{i},{i},{i if i != 9 else 'oops'}")
    with pytest.raises(BadTable, match="y holds 'oops', which is no number"):
        table(csv(content), "y", "regression")


def test_what_was_done_is_said(csv):
    """If this failed, columns would change or vanish behind the user's back."""

    def line(i):
        city = ["Rome", "Oslo"][i % 2]
        gap = "" if i == 3 else i
        return f"id{i},{gap},{city},here,{i * 1.5}"

    data = table(csv(rows(60, line, "id,size,city,place,y")), "y")
    assert data.features == ("size", "size missing", "city = Oslo", "city = Rome")
    told = "\n".join(data.account)
    for part in (
        "regression, by the target's 60 different values",
        "dropped id: 60 different texts",
        "size: 1 missing, replaced by the median",
        "city: one input for each of 2 values (Rome, Oslo)",
        "dropped place: always 'here'",
    ):
        assert part in told
    assert len(data.x_train) == 48 and len(data.x_test) == 12
    assert np.isfinite(data.x_train).all()


def test_commas_in_numbers_follow_the_separator(csv):
    """If this failed, 1,5 would be 15 or 1,234 would be 1.234."""
    decimal = table(csv(rows(20, lambda i: f"{i},5;{i},25", "a;y")), "y", "regression")
    assert sorted({*decimal.y_train[:, 0], *decimal.y_test[:, 0]})[:2] == [0.25, 1.25]
    content = rows(20, lambda i: f'{i},"{i + 1},000"', "a,y")
    thousand = table(csv(content), "y", "regression")
    assert max(thousand.y_train.max(), thousand.y_test.max()) == 20_000


def test_other_encodings_and_classes(csv):
    """If this failed, a file from an older program could not be read."""
    content = rows(40, lambda i: f"{i};{['grün', 'rot'][i % 2]}", "größe;farbe")
    data = table(csv(content, "latin-1"), "farbe")
    assert data.classes == ("grün", "rot") and data.features == ("größe",)
    assert any("not UTF-8" in line for line in data.account)
    assert table(csv(content, "utf-16"), "farbe").classes == ("grün", "rot")


def test_more_rows_than_can_be_learned_from_are_sampled(csv):
    """If this failed, a million rows would take an hour."""
    data = table(csv(rows(MOST_ROWS + 1, lambda i: f"{i % 97},{i % 2}", "a,y")), "y")
    assert len(data.x_train) + len(data.x_test) == MOST_ROWS
    assert any("at random" in line for line in data.account)


@pytest.mark.parametrize("target", ["y", "kind"])
def test_both_tasks_match_and_learn(csv, target):
    """If this failed, the user's own numbers would not be compared."""
    rng = np.random.default_rng(0)
    a = rng.normal(size=200)

    def line(i):
        return f"{a[i]:.3f},{'up' if a[i] > 0 else 'down'},{3 * a[i]:.3f}"

    path = csv(rows(200, line, "a,kind,y"))
    lesson = lessons.load("table")
    settings = lesson.settings(Variant(), {"epochs": 10, "lr": 0.01})
    with threads(1):
        options = {"csv": path, "target": target}
        outline = LessonRun(lesson, settings, options=options).run()
    assert outline.ok
    assert outline.results["R2 or accuracy, test"]["scratch"] > 0.9
