"""What is on the pages, and what stops them from being built."""

import importlib.util
import json
import re
import sys

import pytest
import torch
from matplotlib.mathtext import MathTextParser
from matplotlib.text import Text

from each import each
from twofold.compare.concepts.catalogue import concepts
from twofold.compare.report.links import page_of, served
from twofold.compare.study import sources
from twofold.compare.study.chapters import ORDER, chapter_of
from twofold.compare.study.docstrings import html, parse
from twofold.compare.study.facts import BadTimings, Facts, read_timings
from twofold.compare.study.kept import Task, closure, fingerprint, results
from twofold.compare.study.pages import concept_page
from twofold.compare.study.pictures import drawing
from twofold.compare.study.pictures.drawing import Picture
from twofold.compare.study.pictures.painters import (
    LESSONS_DRAW,
    NOTHING_TO_DRAW,
    picture,
)
from twofold.compare.study.sources import own_docstring
from twofold.compare.study.steps import StepsDiffer, align
from twofold.compare.study.usage import usage
from twofold.compare.study.uses import lesson_names, lessons_using, used_by
from twofold.compare.study.verdicts import curves_of_lessons

from .conftest import DRAWN, FACTS

# Finding and aligning code.

MINE = '''
class Net:
    """Words."""

    def __init__(self):
        # 1. Layers
        self.layers = []

    def forward(self, x):
        # 2. Forward pass
        y = x

        # 3. Backward pass
        def back(dy):
            return dy

        return y, back
'''
THEIRS = """
class Net:
    def __init__(self):
        super().__init__()
        # 1. Layers
        self.layers = []

    def forward(self, x):
        # 2. Forward pass
        y = x

        # 3. Backward pass
        # autograd
        return y
"""


@pytest.fixture
def pair(tmp_path, monkeypatch):
    """Two versions of a class, as if they were the two sides' files."""
    monkeypatch.setattr(sources, "ROOT", tmp_path)

    def make(mine: str, theirs: str):
        made = []
        for name, text in (("mine", mine), ("theirs", theirs)):
            (tmp_path / f"{name}.py").write_text(text)
            spec = importlib.util.spec_from_file_location(name, tmp_path / f"{name}.py")
            module = importlib.util.module_from_spec(spec)
            monkeypatch.setitem(sys.modules, name, module)
            spec.loader.exec_module(module)
            made.append(module.Net)
        return made

    yield make
    sources.source_lines.cache_clear()
    sources.parsed.cache_clear()


def test_rows_hold_the_same_step_of_both_sides_with_their_real_lines(pair):
    """Else: a reader compares different steps, or looks for a line in vain."""
    rows = align(*pair(MINE, THEIRS))
    assert [(r.number, r.title) for r in rows] == [
        (1, "Layers"),
        (2, "Forward pass"),
        (3, "Backward pass"),
    ]
    assert [r.left.lines[0] for r in rows] == [2, 9, 14]
    assert [r.right.lines[0] for r in rows] == [2, 8, 13]
    assert rows[2].right.text() == ["        # autograd", "        return y"]
    shown = "".join(line for r in rows for line in r.left.text())
    assert "Words" not in shown and "# 1." not in shown


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (THEIRS.replace("2. Forward pass", "2. Forwards"), "# 2. Forwards"),
        (THEIRS.replace("3. Backward", "4. Backward"), "# 4. Backward pass"),
        (THEIRS.replace("        # 3. Backward pass\n", ""), "no further step"),
    ],
)
def test_sides_that_take_other_steps_stop_the_build(pair, changed, said):
    """Else: pages drift apart, and nobody notices."""
    with pytest.raises(StepsDiffer) as caught:
        align(*pair(MINE, changed))
    for part in ("Net", "mine.py", "theirs.py", said):
        assert part in str(caught.value)


def test_the_command_names_the_steps_that_differ_and_writes_nothing(
    tmp_path, monkeypatch
):
    """Else: a reader gets old pages, or a trace."""
    from click.testing import CliRunner

    from twofold.compare.cli import main
    from twofold.compare.study import pages as pages_module

    def fails():
        raise StepsDiffer("MLP: the two sides do not take the same steps")

    monkeypatch.setattr(pages_module, "all_pages", fails)
    folder = tmp_path / "pages"
    done = CliRunner().invoke(main, ["study", "--html", str(folder), "--no-check"])
    assert done.exit_code == 1
    assert "do not take the same steps" in done.output
    assert not folder.exists()


# Docstrings.


def test_docstrings_are_cut_at_their_heads():
    """Else: a formula stands above the wrong step."""
    docs = parse(
        r"""One line.

        Forward: $y = x$. Backward: with $L$ the loss,

        $dx = dy$;
        $db = dy$.

        A note with `code`.

        Shape: any. Source: Someone, 1999.

        Raises ValueError: a negative one.
        """
    )
    assert docs.summary == "One line."
    assert docs.forward == ["$y = x$."]
    assert len(docs.backward) == 2 and "db" in docs.backward[1]
    assert docs.notes == ["A note with `code`."]
    assert docs.sections["Shape"] == ["any."]
    assert docs.sections["Source"] == ["Someone, 1999."]
    assert docs.sections["Raises"] == ["ValueError: a negative one."]


def test_text_is_escaped_and_lists_are_lists():
    """Else: `a < b` breaks a page, or numbered steps run into one line."""
    found = html(["a < b `c<d` $x < y$", "Steps:\n1. one\n2. two"])
    assert "a &lt; b <code>c&lt;d</code>" in found
    assert '<span class="math">x &lt; y</span>' in found
    assert "<ol><li>one</li><li>two</li></ol>" in found


# The site.


def test_every_concept_and_lesson_has_a_page_that_the_index_links(site):
    """Else: something exists that no reader finds."""
    index = (site / "index.html").read_text()
    names = [*concepts(), *(f"lessons.{n}" for n in lesson_names())]
    for name in names:
        assert (site / page_of(name)).is_file(), name
        assert f'href="{page_of(name)}"' in index, name
    entries = (site / "search.js").read_text()
    found = json.loads(entries[entries.index("[") : entries.rindex("]") + 1])
    assert {entry["href"] for entry in found} == {page_of(name) for name in names}


def test_a_page_says_what_the_docstring_says(site):
    """Else: the words stay in the code, of a function or of a class."""
    for name, words in (
        ("nn.GELU", "Gaussian error linear unit"),
        ("nn.init.orthogonal_", "Raises"),
        ("training.mini_batch", "every epoch uses each sample once"),
        ("optim.SGD", "with `maximize`".replace("`", "")),
    ):
        page = (site / page_of(name)).read_text()
        plain = " ".join(re.sub(r"<[^>]+>", "", page).split())
        assert words in plain, name
    silent = [n for n, c in concepts().items() if not own_docstring(c.scratch)]
    assert silent == []


def test_no_formula_is_left_as_it_was_typed(site):
    """Else: a reader sees dollars and backslashes where a formula should stand."""
    typed = re.compile(r"[$\\`]|[\^_]\{")
    for name in concepts():
        page = (site / page_of(name)).read_text()
        for part in ("svg", "pre", "code", "script", "style"):
            page = re.sub(rf"<{part}\b.*?</{part}>", "", page, flags=re.DOTALL)
        page = re.sub(r'<span class="math">.*?</span>', "", page, flags=re.DOTALL)
        found = typed.search(re.sub(r"<[^>]+>", "", page))
        assert found is None, (name, found)


def test_a_way_back_that_a_helper_has_stands_in_its_own_row():
    """Else: the page of such a layer has no backward pass, and no formula above it."""
    for name in ("nn.ELU", "nn.PairwiseDistance", "nn.TripletMarginLoss"):
        page = concept_page(concepts()[name])
        (row,) = [r for r in page.sections[0].rows if r.is_backward]
        assert row.lead == page.docs.backward != []
        assert "def back" in "".join(row.left[0].text())
        assert {e.name for e in row.left}.isdisjoint(e.name for e in page.helpers)


def test_a_page_shows_its_verdict_its_times_and_how_to_repeat_them(site):
    """Else: a reader has to take our word for it."""
    page = (site / "nn/GELU.html").read_text()
    for part in (
        "1 of 1 checks match",
        ">0.125<",
        ">0.25<",
        "2.00 × PyTorch",
        "twofold check nn.GELU",
        "twofold study nn.GELU",
    ):
        assert part in page
    assert "not checked" in (site / "nn/Linear.html").read_text()


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_a_picture_is_there_and_follows_the_colours_of_the_page(site, name):
    """Else: a page lacks its picture, or the picture cannot be read in the dark."""
    page = (site / page_of(name)).read_text()
    svg = page[page.index("<svg") : page.index("</svg>")]
    assert "var(--scratch)" in svg or "<image" in svg
    assert not re.search(r"#0[0-9a-f]0[0-9a-f]0[0-9a-f]\b", svg)
    assert 'role="img" aria-label=' in page


@pytest.fixture
def unwritten(monkeypatch):
    """Pictures are painted, and their formulas read, but they are not laid out and
    written as SVG, which takes six times as long and is the same for all.
    """
    read = MathTextParser("path").parse

    def written(figure) -> str:
        for text in figure.findobj(Text):
            if "$" in text.get_text():
                read(text.get_text())
        return "<svg></svg>"

    monkeypatch.setattr(drawing, "_written", written)


@each("name", sorted(concepts()), by=lambda name: concepts()[name].family)
def test_every_concept_has_a_picture_or_none_on_purpose(unwritten, name):
    """Else: a new layer's page says less than the others, and nobody notices."""
    concept = concepts()[name]
    if concept.family in LESSONS_DRAW:
        shown = bool(lessons_using(name))  # the curves of the first of these
        assert shown != (name in NOTHING_TO_DRAW)
        return
    found = picture(concept)
    assert (found is None) == (name in NOTHING_TO_DRAW)
    if found is not None:
        assert found.svg.count("<svg") == found.svg.count("</svg>") > 0
        assert found.caption.startswith(name.rpartition(".")[2])


def test_what_has_no_picture_is_a_concept():
    """Else: the list names what has gone, and hides what comes under that name."""
    assert set(NOTHING_TO_DRAW) <= set(concepts())


def test_a_picture_is_the_same_whenever_it_is_made():
    """Else: pages change without a change of the code."""
    for name in ("nn.LSTMCell", "nn.TransformerDecoderLayer", "nn.FractionalMaxPool3d"):
        torch.rand(3)
        first = picture(concepts()[name])
        torch.rand(5)
        assert picture(concepts()[name]) == first


def test_networks_and_loops_show_the_curves_of_a_lesson_that_uses_them():
    """Else: they have no picture, though their lesson has."""
    digits, known = Picture("<svg></svg>", "Digits"), concepts()
    chosen = [known["models.MLP"], known["models.Writer"], known["nn.Linear"]]
    assert curves_of_lessons(chosen, {"lessons.digits": digits}) == {
        "models.MLP": digits
    }


def test_every_layer_is_in_a_chapter_that_the_index_knows():
    """Else: it stands at the end, under a heading of its own."""
    assert {chapter_of(c) for c in concepts().values()} <= set(ORDER)


def test_lessons_and_concepts_name_each_other_and_the_dashboard(site):
    """Else: a reader of the one does not find the other."""
    assert {"models.MLP", "nn.CrossEntropyLoss", "optim.Adam"} <= set(used_by("digits"))
    assert "digits" in lessons_using("models.MLP")
    page = (site / "models/MLP.html").read_text()
    assert "lessons/digits.html" in page
    assert "tagFilter=%5Edigits%2F" in page
    lesson = (site / "lessons/digits.html").read_text()
    assert "tagFilter=%5Edigits%2F" in lesson and "models/MLP.html" in lesson


@each(
    "name",
    [
        n
        for n, c in concepts().items()
        if c.family.startswith("nn") or c.family == "optim.swa_utils"
    ],
    by=lambda name: concepts()[name].family,
)
def test_all_lines_of_pytorch_run_as_they_stand(name):
    """Else: a page tells a reader to type what does not work."""
    found = usage(concepts()[name])
    assert found.ran
    assert " at 0x" not in found.signature


def test_the_lines_of_pytorch_go_forth_and_back():
    """Else: a page leaves out what it is about."""
    known = concepts()
    for name in ("nn.Linear", "nn.CrossEntropyLoss", "nn.LSTM", "nn.Conv2d"):
        found = usage(known[name])
        assert found.ran, name
        assert found.backward.splitlines()[0].startswith("y")
        assert f"torch.{name}(" in found.signature


# What is measured, and kept.


def test_times_belong_to_the_concept_that_they_name():
    """Else: an optimiser's page shows a network's time."""
    assert [t["name"] for t in FACTS.timings("models.MLP")] == [
        "MLP 784-256: step with SGD"
    ]
    assert FACTS.timings("optim.SGD") == []
    times = [{"name": "LSTMCell x", "scratch": 1.0, "torch": 1.0}]
    assert Facts(times=times).timings("nn.LSTM") == []


def test_a_file_that_is_no_benchmark_is_refused(tmp_path):
    """Else: a slip ends in a trace, or in pages without times."""
    (tmp_path / "x.json").write_text('[{"name": "x"}]')
    with pytest.raises(BadTimings, match="what `twofold bench --json` writes"):
        read_timings(tmp_path / "x.json")


CALLS = []


def counted(x):
    CALLS.append(x)
    return x


def test_what_is_kept_is_not_run_again_until_its_key_changes(tmp_path):
    """Else: a rebuild takes minutes, or shows a verdict on other code."""
    CALLS.clear()
    kept = tmp_path / "kept.json"
    for key, expected in (("a", [1]), ("a", [1]), ("b", [1, 1])):
        assert results([Task("n", key, counted, (1,))], kept, jobs=1) == {"n": 1}
        assert expected == CALLS
    assert len(json.loads(kept.read_text())) == 1
    kept.write_text("{cut off")
    assert results([Task("n", "b", counted, (1,))], kept, jobs=1) == {"n": 1}


def test_a_key_changes_with_the_code_and_with_what_the_code_imports(tmp_path):
    """Else: a verdict outlives the code that it was about."""
    assert {"scratch/nn/linear.py", "scratch/nn/init.py", "scratch/module.py"} <= (
        closure("scratch.nn.linear")
    )
    assert "scratch/nn/conv.py" not in closure("scratch.nn.linear")
    assert "scratch/nn/linear.py" in closure("scratch.models.mlp")
    assert "compare/numerics/scores.py" in closure("compare.concepts.checking")
    one = fingerprint(["scratch/module.py"])
    assert one != fingerprint(["scratch/module.py"], "2 draws")
    assert one != fingerprint(["scratch/module.py", "scratch/random.py"])


def test_the_dashboard_links_the_page_of_the_lesson():
    """Else: who looks at a run does not find the code that made it."""
    from twofold.compare.lessons import load
    from twofold.compare.report.report import Report
    from twofold.compare.training.outline import Outline
    from twofold.compare.training.tables import verdict_markdown

    outline = Outline("digits", load("digits").defaults, Report("digits", []))
    assert served("lessons.digits") in verdict_markdown(outline)
