"""The pages as a browser shows them."""

from pathlib import Path

import pytest

from twofold.compare.concepts.catalogue import concepts
from twofold.compare.report.links import page_of
from twofold.compare.study.docstrings import formulas
from twofold.compare.study.sources import own_docstring
from twofold.compare.study.steps import called_in_file
from twofold.compare.study.uses import lesson_names

AXE = Path(__file__).parent / "axe" / "axe.min.js"
SEEN = (
    "index.html",
    "lessons/digits.html",
    "models/MLP.html",
    "nn/GELU.html",
    "nn/CrossEntropyLoss.html",
    "nn/MaxPool2d.html",
    "optim/SGD.html",
    "optim.lr_scheduler/StepLR.html",
    "nn.init/xavier_uniform_.html",
    "training/mini_batch.html",
    "source/scratch/nn/linear.py.html",
)


def test_pages_ask_for_nothing_but_their_own_files_and_do_not_complain(visit, site):
    """Else: a page needs the network, tells on its reader, or is broken somewhere."""
    looking = visit()
    for where in SEEN:
        looking.open(where)
    assert looking.complaints == []
    away = [url for url in looking.requests if not url.startswith(site.as_uri())]
    assert [url for url in away if not url.startswith("data:")] == []
    assert any(url.endswith(".woff2") for url in looking.requests)


@pytest.mark.parametrize("where", ["models/MLP.html", "nn/GELU.html"])
def test_both_sides_of_a_step_stand_beside_each_other(visit, where):
    """Else: a reader at a wide screen compares a step with another one."""
    page = visit(1400).open(where)
    places = page.evaluate(
        """[...document.querySelectorAll(".row .pair")].map((pair) =>
             [".left", ".right"].map((side) => {
               const box = pair.querySelector(side).getBoundingClientRect();
               return [box.top, box.left, box.right];
             }))"""
    )
    assert len(places) >= 3
    for (left_top, _, left_end), (right_top, right_start, _) in places:
        assert left_top == right_top
        assert left_end < right_start


@pytest.mark.parametrize("width", [400, 1400])
def test_no_page_scrolls_sideways(visit, width):
    """Else: a reader with a small screen loses half of the text."""
    looking = visit(width)
    wide = {}
    for where in SEEN:
        page = looking.open(where)
        wide[where] = page.evaluate("document.documentElement.scrollWidth")
    assert {w: n for w, n in wide.items() if n > width} == {}


def test_on_a_narrow_screen_columns_stack_each_with_its_label(visit):
    """Else: nobody can tell which of two blocks is whose."""
    page = visit(400).open("models/MLP.html")
    left, right = (
        page.locator(f".row .{side}").first.bounding_box() for side in ("left", "right")
    )
    assert left["y"] + left["height"] <= right["y"]
    assert page.locator(".row .left .side").first.is_visible()
    assert page.locator(".row .right .side").first.is_visible()


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_no_fault_with_contrast_and_labels(visit, colours):
    """Else: some readers cannot read it, or cannot use it."""
    looking = visit(1400, color_scheme=colours)
    rules = {"runOnly": ["wcag2a", "wcag2aa"], "resultTypes": ["violations"]}
    found = {}
    for where in SEEN[:-1] if colours == "light" else SEEN[1:4]:
        page = looking.open(where)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        violations = page.evaluate("(rules) => axe.run(rules)", rules)["violations"]
        for violation in violations:
            nodes = [node["html"][:120] for node in violation["nodes"][:3]]
            found[where, violation["id"]] = nodes
    assert found == {}


def test_search_finds_momentum_from_any_page(visit):
    """Else: a reader who knows a word does not find the page that is about it."""
    looking = visit()
    for where in ("index.html", "nn/GELU.html"):
        page = looking.open(where)
        page.keyboard.press("/")
        page.keyboard.type("momentum")
        hits = page.locator("#hits a")
        links = hits.evaluate_all("(all) => all.map((a) => a.href)")
        assert any(link.endswith("optim/SGD.html") for link in links), links
    page.keyboard.press("ArrowDown")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url in links


def test_a_covered_side_is_seen_only_when_it_is_looked_at(visit):
    """Else: a learner cannot predict before looking."""
    page = visit().open("models/MLP.html")
    right = page.locator(".row .right .code").first
    seen = "(code) => getComputedStyle(code).opacity"
    assert right.evaluate(seen) == "1"
    page.check("#cover-right")
    assert right.evaluate(seen) == "0"
    assert page.locator(".row .left .code").first.evaluate(seen) == "1"
    head = page.locator(".heads .right")
    assert head.evaluate("(h) => getComputedStyle(h, '::after').content") == "none"
    right.focus()
    assert right.evaluate(seen) == "1"
    page.uncheck("#cover-right")
    page.check("#cover-backward")
    backward = page.locator(".row.backward .left .code")
    assert backward.first.evaluate(seen) == "0"
    page.emulate_media(media="print")
    assert backward.first.evaluate(seen) == "1"


def test_without_javascript_all_but_search_and_formulas_is_there(visit):
    """Else: what a reader gets depends on a script that may not run."""
    page = visit(java_script_enabled=False).page
    page.goto((visit().site / "nn/GELU.html").as_uri())
    text = page.locator("main").inner_text()
    for part in ("Forward pass", "torch.nn.GELU(", r"\Phi", "0.125", "2.00 ×"):
        assert part in text
    page.locator("#cover-right").check()
    opacity = page.locator(".row .right .code").first.evaluate
    assert opacity("(code) => getComputedStyle(code).opacity") == "0"
    assert not page.locator(".search").is_visible()


def test_every_formula_of_every_docstring_parses(visit):
    """Else: a page shows raw LaTeX where its formula should stand."""
    wanted = {}
    for name, concept in concepts().items():
        for formula in formulas(own_docstring(concept.scratch)):
            wanted.setdefault(formula, name)
    from twofold import scratch

    for name in called_in_file(scratch.training.mini_batch):
        for formula in formulas(getattr(scratch.training, name).__doc__):
            wanted.setdefault(formula, f"training.{name}")
    page = visit().open("index.html")
    wrong = page.evaluate(
        """(all) => all.flatMap((formula) => {
             try {
               katex.renderToString(formula, { throwOnError: true, strict: "ignore" });
               return [];
             } catch (error) {
               return [[formula, error.message]];
             }
           })""",
        list(wanted),
    )
    assert len(wanted) > 300
    assert [(wanted[formula], formula, said) for formula, said in wrong] == []


def test_formulas_are_set_on_the_pages(visit):
    """Else: KaTeX or its fonts did not come with the pages."""
    looking = visit()
    page = looking.open("nn/CrossEntropyLoss.html")
    raw = page.evaluate("document.querySelectorAll('.math:not(.set)').length")
    done = page.evaluate("document.querySelectorAll('.math.set .katex').length")
    assert (raw, done > 5) == (0, True)
    assert page.evaluate("document.fonts.check('16px KaTeX_Main')")


def test_links_inside_the_site_lead_somewhere(visit, site):
    """Else: a reader ends before a missing file."""
    pages = [page_of(f"lessons.{n}") for n in lesson_names()[:3]]
    looking = visit()
    missing = []
    for where in (*SEEN[:-1], *pages):
        page = looking.open(where)
        links = page.evaluate("[...document.links].map((a) => a.href)")
        for link in links:
            file, _, line = link.partition("#")
            if not file.startswith("file:"):
                assert file.startswith("http://127.0.0.1:"), link
                continue
            path = Path(file.removeprefix("file://"))
            mark = f'id="{line}"' if line.startswith("L") else ""
            if not path.exists() or mark not in path.read_text():
                missing.append((where, link))
    assert missing == []
