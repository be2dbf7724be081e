"""The site, built once, and a browser that looks at it."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from twofold.compare.concepts.catalogue import concepts
from twofold.compare.study.facts import Facts
from twofold.compare.study.pages import all_pages
from twofold.compare.study.pictures.painters import loss_curves, picture
from twofold.compare.study.site import Site

HERE = Path(__file__).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
DRAWN = {
    "lessons.digits",
    "nn.CrossEntropyLoss",
    "nn.GELU",
    "nn.MaxPool2d",
    "nn.init.xavier_uniform_",
    "optim.SGD",
    "optim.lr_scheduler.StepLR",
}
REPORT = {
    "verdict": "match",
    "first": None,
    "cause": None,
    "draws": 2,
    "rows": [
        {
            "name": "output",
            "shape": [2, 3],
            "dtype": "float32",
            "verdict": "match",
            "score": 0.5,
            "stage": "float32",
            "reason": "",
            "index": [0, 1],
            "mine": 0.125,
            "reference": 0.25,
        }
    ],
}
FACTS = Facts(
    reports={"nn.GELU": REPORT, "models.MLP": REPORT},
    times=[
        {"name": "GELU 256x512, float32", "scratch": 2e-3, "torch": 1e-3},
        {"name": "MLP 784-256: step with SGD", "scratch": 1e-3, "torch": 1e-3},
    ],
)


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """All pages, a few with pictures; one worker builds them for all."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "site"
    with FileLock(f"{shared}.lock"):
        if not (shared / "search.js").exists():  # the last file to be written
            shutil.rmtree(shared, ignore_errors=True)
            known = concepts()
            drawn = {n: picture(known[n]) for n in DRAWN if n in known}
            losses = {"": [[2.0, 1.0], [2.0, 1.0]]}
            drawn["lessons.digits"] = loss_curves("Digits", losses)
            Site(shared, replace(FACTS, pictures=drawn)).build(all_pages())
    return shared


@pytest.fixture(scope="session")
def browser():
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright comes with the extra 'test'"
    )
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(f"no browser is installed: none of {', '.join(BROWSERS)}")
    with playwright.sync_playwright() as started:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = started.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


class Visit:
    """A page in the browser, with all that it asked for and complained of."""

    def __init__(self, browser, site: Path, width: int, **options):
        size = {"width": width, "height": 900}
        self.context = browser.new_context(viewport=size, **options)
        self.page = self.context.new_page()
        self.site = site
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda r: self.requests.append(r.url))
        self.page.on("requestfailed", lambda r: self.complaints.append(r.url))
        self.page.on("pageerror", lambda e: self.complaints.append(str(e)))
        self.page.on("console", lambda m: self.complaints.append(m.text))

    def open(self, where: str):
        self.page.goto((self.site / where).as_uri())
        self.page.evaluate("document.fonts.ready.then(() => null)")
        return self.page


@pytest.fixture
def visit(browser, site):
    made = []

    def make(width: int = 1400, **options) -> Visit:
        made.append(Visit(browser, site, width, **options))
        return made[-1]

    yield make
    for one in made:
        one.context.close()
