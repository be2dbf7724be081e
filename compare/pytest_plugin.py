"""pytest: a `parity` fixture that compares and, on a difference, says all there is.

    def test_my_layer(parity):
        parity(my_layer, torch.nn.SiLU(), x)

A failing pair shows the table, the place, the culprit and the command that runs it
again, and keeps both sides' arrays. The marker `@pytest.mark.parity(draws=8, seed=1,
dtype=np.float64)` sets options of `twofold.check` for one test, `--parity-draws` and
`--parity-seed` for all that do not. JUnit files carry verdict, score and first; under
GitHub Actions a failing check is an annotation of its line, and its table stands in the
job's summary.
"""

import os
import re
import sys
from pathlib import Path

import pytest

FOLDER = ".parity"


def pytest_addoption(parser):
    group = parser.getgroup("parity", "comparing with PyTorch (twofold)")
    group.addoption(
        "--parity-draws", type=int, default=4, help="Random draws of each parity check."
    )
    group.addoption(
        "--parity-seed", type=int, default=0, help="Seed of each parity check."
    )


def pytest_configure(config):
    config.addinivalue_line(
        "markers",
        "parity(**options): options of twofold.check for the `parity` fixture",
    )


@pytest.fixture
def parity(request):
    """`parity(mine, reference, *inputs, **options)`: as `twofold.assert_match`."""
    options = {
        "draws": request.config.getoption("--parity-draws"),
        "seed": request.config.getoption("--parity-seed"),
    }
    marker = request.node.get_closest_marker("parity")
    if marker is not None:
        options |= marker.kwargs

    def check(mine, reference, *inputs, **more):
        __tracebackhide__ = True
        from .api import check

        chosen = {**options, **more}
        report = check(mine, reference, *inputs, **chosen)
        request.node.user_properties += [
            ("parity_verdict", report.verdict),
            ("parity_score", report.worst.score if report.worst else 0.0),
            ("parity_first", report.first or ""),
        ]
        if not report.ok:
            report.command = (
                f"pytest '{request.node.nodeid}' --parity-seed {chosen['seed']} "
                f"--parity-draws {chosen['draws']}"
            )
            if os.environ.get("GITHUB_ACTIONS") == "true":
                from .report.actions import tell_github

                tell_github(report, *_calling_line(request))
            pytest.fail(_text(request, report), pytrace=False)
        return report

    return check


def _calling_line(request) -> tuple[str, int]:
    """The file of the test, from the root, and the line of the call in it."""
    path = str(request.node.path)
    frame = sys._getframe()
    while frame is not None and frame.f_code.co_filename != path:
        frame = frame.f_back
    line = frame.f_lineno if frame else request.node.location[1] + 1
    return os.path.relpath(path, request.config.rootpath), line


def _text(request, report) -> str:
    from .files.traces import keep_traces

    folder = Path(request.config.rootpath) / FOLDER
    stem = re.sub(r"[^\w.-]+", "_", request.node.nodeid)
    kept = keep_traces(report, folder, stem)
    return "\n".join([str(report), *(f"  kept: {path}" for path in kept)])
