"""The `parity` fixture, as another project would use it."""

import re

import pytest

pytest_plugins = ["pytester"]

SUITE = """
import numpy as np
import pytest
import torch

X = np.random.default_rng(0).standard_normal((4, 3))


def tanh(x):
    y = np.tanh(x)
    return y, lambda dy: dy * (1 - y * y)


def wrong(x):
    y, back = tanh(x)
    return y, lambda dy: 2 * back(dy)


def test_right(parity):
    assert parity(tanh, torch.tanh, X).ok


@pytest.mark.parity(draws=3)
def test_marked(parity):
    assert parity(tanh, torch.tanh, X).draws == 3


def test_wrong(parity):
    parity(wrong, torch.tanh, X)
"""


@pytest.fixture
def suite(pytester):
    pytester.makepyfile(test_layer=SUITE)
    return pytester


@pytest.mark.parametrize("workers", [0, 1], ids=["alone", "xdist"])
def test_a_failing_pair_shows_everything_and_keeps_both_arrays(suite, workers):
    """If this failed, a red test would not say where, who, and how to run it again."""
    run = suite.runpytest_subprocess if workers else suite.runpytest_inprocess
    found = run("--parity-seed", "5", "-n", str(workers))
    found.assert_outcomes(passed=2, failed=1)
    text = found.stdout.str()
    for part in (
        "grad of input",
        "✗ mismatch",
        "mine: backward",
        "pytest 'test_layer.py::test_wrong' --parity-seed 5",
    ):
        assert part in text
    kept = sorted({*re.findall(r"kept: (\S+safetensors)", text)})
    assert len(kept) == 2
    from twofold.compare.files.traces import load_trace

    mine, reference = (load_trace(path) for path in kept)
    gradient = "grad of input"
    assert abs(mine[gradient] / reference[gradient] - 2).max() < 1e-6


def test_the_options_reach_every_check(suite):
    """If this failed, --parity-draws would change nothing."""
    used = (
        "\n\ndef test_used(parity):\n    assert parity(tanh, torch.tanh, X).draws == 4"
    )
    suite.makepyfile(test_draws=SUITE + used)
    found = suite.runpytest_inprocess("test_draws.py::test_used", "--parity-draws=4")
    found.assert_outcomes(passed=1)


def test_github_and_junit_are_told(suite, monkeypatch, tmp_path):
    """If this failed, a red pull request would not show the line nor the table."""
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    found = suite.runpytest_inprocess("--junitxml=junit.xml", "-p", "no:randomly")
    found.assert_outcomes(passed=2, failed=1)
    lines = SUITE.strip().splitlines()
    line = lines.index("    parity(wrong, torch.tanh, X)") + 1
    annotation = f"::error file=test_layer.py,line={line},title=parity mismatch::"
    assert annotation in found.stdout.str()
    table = summary.read_text()
    assert "| grad of input | 4×3 | mismatch |" in table and "limit 16" in table
    junit = (suite.path / "junit.xml").read_text()
    for part in ('name="parity_verdict" value="mismatch"', 'value="grad of input"'):
        assert part in junit


def test_the_plugin_costs_nothing_until_it_is_used():
    """If this failed, every pytest run of a user would load torch."""
    import subprocess
    import sys

    code = "import sys, twofold.compare.pytest_plugin; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "False"
