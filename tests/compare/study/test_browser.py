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


WIDTH = "document.documentElement.scrollWidth"


def violations(page) -> dict[str, list[str]]:
    """What axe finds on a page: pieces of it by the rule that they break."""
    # Without a preload: axe would ask for the style sheets once more, by the network.
    rules = {"runOnly": ["wcag2a", "wcag2aa"], "resultTypes": ["violations"]}
    rules["preload"] = False
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("(rules) => axe.run(rules)", rules)["violations"]
    return {v["id"]: [node["html"][:120] for node in v["nodes"][:3]] for v in found}


def links_to_nowhere(page) -> list[str]:
    missing = []
    for link in page.evaluate("[...document.links].map((a) => a.href)"):
        file, _, line = link.partition("#")
        if not file.startswith("file:"):
            assert file.startswith("http://127.0.0.1:"), link
            continue
        path = Path(file.removeprefix("file://"))
        mark = f'id="{line}"' if line.startswith("L") else ""
        if not path.exists() or mark not in path.read_text():
            missing.append(link)
    return missing


def test_pages_are_whole_keep_to_themselves_and_can_be_read_by_all(visit, site):
    """Else: a page needs the network or tells on its reader (away), is broken somewhere
    (complaints), is wider than a wide screen, sends a reader to a missing file, or
    cannot be read or used by some (axe).
    """
    looking = visit(1400, color_scheme="light")
    wide, faults, missing = {}, {}, {}
    for where in SEEN:
        page = looking.open(where)
        wide[where] = page.evaluate(WIDTH)
        if where != SEEN[-1]:  # a source file, all links and no words of ours
            missing[where] = links_to_nowhere(page)
            faults[where] = violations(page)
    assert looking.complaints == []
    away = [url for url in looking.requests if not url.startswith(site.as_uri())]
    assert [url for url in away if not url.startswith("data:")] == []
    assert any(url.endswith(".woff2") for url in looking.requests)
    assert {where: n for where, n in wide.items() if n > 1400} == {}
    assert {where: links for where, links in missing.items() if links} == {}
    assert {where: found for where, found in faults.items() if found} == {}


def test_links_of_lessons_lead_somewhere(visit):
    """Else: a reader ends before a missing file."""
    looking = visit()
    for name in lesson_names()[:3]:
        page = looking.open(page_of(f"lessons.{name}"))
        assert links_to_nowhere(page) == [], name


def test_axe_finds_no_fault_with_dark_colours(visit):
    """Else: some readers cannot read it by night."""
    looking = visit(1400, color_scheme="dark")
    faults = {where: violations(looking.open(where)) for where in SEEN[1:4]}
    assert {where: found for where, found in faults.items() if found} == {}


def test_no_page_scrolls_sideways_on_a_small_screen(visit):
    """Else: a reader with a small screen loses half of the text."""
    looking = visit(400)
    wide = {where: looking.open(where).evaluate(WIDTH) for where in SEEN}
    assert {where: n for where, n in wide.items() if n > 400} == {}


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


def test_on_a_narrow_screen_columns_stack_each_with_its_label(visit):
    """Else: nobody can tell which of two blocks is whose."""
    page = visit(400).open("models/MLP.html")
    left, right = (
        page.locator(f".row .{side}").first.bounding_box() for side in ("left", "right")
    )
    assert left["y"] + left["height"] <= right["y"]
    assert page.locator(".row .left .side").first.is_visible()
    assert page.locator(".row .right .side").first.is_visible()


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
