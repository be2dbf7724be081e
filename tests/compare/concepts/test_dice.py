"""The comparison of the streams: it must hold here, and must be able to fail."""

import json

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from twofold.compare.cli import main
from twofold.compare.concepts import dice
from twofold.compare.concepts.dice import kinds, spec, streams
from twofold.scratch import random

CAPABILITY = torch.backends.cpu.get_cpu_capability()
needs_the_models_cpu = pytest.mark.skipif(
    CAPABILITY not in ("AVX2", "AVX512"), reason="not the model's CPU"
)
RANDPERM = next(kind for kind in dice.KINDS if kind.name == "randperm")


def reversed_and_late(generator, dtype, n):
    generator.words(1)
    return RANDPERM.ours(generator, dtype, n)[::-1]


@needs_the_models_cpu
def test_every_claim_holds():
    """Else: some kind of draw is not as equal as the documentation says."""
    before = random.get_rng_state(), torch.get_rng_state()
    seen = []
    rows = dice.compare_streams(range(12), stride=256, progress=seen.append)
    assert [row for row in rows if not row.holds] == []
    assert all(row.values > 0 and row.states > 0 for row in rows)
    assert seen == [row.kind for row in rows] and len(rows) == dice.count_rows()
    assert np.array_equal(random.get_rng_state(), before[0])
    assert np.array_equal(torch.get_rng_state(), before[1])


def test_a_wrong_bit_and_a_word_too_many_are_counted():
    """Else: the table shows agreement whatever is compared."""
    wrong = RANDPERM._replace(ours=reversed_and_late)
    row = streams.compare_kind(wrong, "int64", range(12))
    assert row.equal_values < row.values
    assert row.equal_states == 0 and not row.holds


def test_a_tolerance_claims_the_stream_but_no_value():
    """Else: orthogonal_ fails for its rounding, or passes out of step."""
    row = dice.Row("orthogonal_", "float32", 1, 9, 2, 1, 1, spec.TOLERANCE)
    assert row.holds and not row.equal
    late = dice.Row("orthogonal_", "float32", 1, 9, 9, 1, 0, spec.TOLERANCE)
    assert not late.holds


@needs_the_models_cpu
@pytest.mark.parametrize("columns", ["45", "120"])
def test_the_table_names_every_kind_and_fits(columns, tmp_path, monkeypatch):
    """Else: a draw is missing from what is published, or cut on a narrow terminal."""
    monkeypatch.setattr(streams, "every_argument", lambda stride: ALL_ARGUMENTS)
    file = tmp_path / "rows.json"
    arguments = ["check", "random", "--seeds", "3", "--json", str(file)]
    result = CliRunner().invoke(main, arguments, env={"COLUMNS": columns})
    assert result.exit_code == 0, result.output
    assert max(map(len, result.output.splitlines())) <= int(columns)
    flat = "".join(line[:17].strip() for line in result.output.splitlines())
    for kind in dice.KINDS:
        assert kind.name.replace(" ", "")[:12] in flat.replace(" ", ""), kind.name
    written = json.loads(file.read_text())
    assert {row["kind"] for row in written["rows"]} >= {k.name for k in dice.KINDS}
    assert all(row["holds"] and row["seeds"] == 3 for row in written["rows"][:-1])


ALL_ARGUMENTS = dice.Row(
    "normal, every argument", "float32", 0, 2, 2, 2, 2, spec.POLYNOMIALS
)


def test_a_stream_that_differs_ends_with_exit_code_1(monkeypatch):
    """Else: the table is red and a script goes on."""
    wrong = RANDPERM._replace(ours=reversed_and_late)
    monkeypatch.setattr(streams, "KINDS", (wrong,))
    monkeypatch.setattr(streams, "every_argument", lambda stride: ALL_ARGUMENTS)
    result = CliRunner().invoke(main, ["check", "random", "--seeds", "3"])
    assert result.exit_code == 1, result.output
    assert "states differ" in result.output


def test_random_is_checked_on_its_own():
    """Else: a concept beside it is silently left out."""
    result = CliRunner().invoke(main, ["check", "random", "Linear"])
    assert result.exit_code == 2
    assert "on its own" in result.output


def test_a_layers_draws_leave_the_default_streams_alone():
    """Else: a comparison in passing changes what a user draws next."""
    kind = next(kind for kind in kinds.KINDS if kind.name == "Dropout, in training")
    before = random.get_rng_state(), torch.get_rng_state()
    streams.compare_kind(kind, "float32", range(3))
    assert np.array_equal(random.get_rng_state(), before[0])
    assert np.array_equal(torch.get_rng_state(), before[1])
