"""The comparison of the streams: it must hold here, and must be able to fail."""

import numpy as np
import pytest
import torch

from compare import dice
from scratch import random

CAPABILITY = torch.backends.cpu.get_cpu_capability()


@pytest.mark.skipif(CAPABILITY not in ("AVX2", "AVX512"), reason="not the model's CPU")
def test_every_claim_holds():
    """Else: some kind of draw is not as equal as the documentation says."""
    before = random.get_rng_state(), torch.get_rng_state()
    rows = dice.compare_streams(range(12), stride=256)
    assert [row for row in rows if not row.holds] == []
    assert all(row.values > 0 and row.states > 0 for row in rows)
    assert np.array_equal(random.get_rng_state(), before[0])
    assert np.array_equal(torch.get_rng_state(), before[1])


def test_a_wrong_bit_and_a_word_too_many_are_counted():
    """Else: the table shows agreement whatever is compared."""
    kind = next(kind for kind in dice.KINDS if kind.name == "randperm")

    def reversed_and_late(generator, dtype, n):
        generator.words(1)
        return kind.ours(generator, dtype, n)[::-1]

    row = dice._compare(kind._replace(ours=reversed_and_late), "int64", range(12))
    assert row.equal_values < row.values
    assert row.equal_states == 0 and not row.holds


def test_a_tolerance_claims_the_stream_but_no_value():
    """Else: orthogonal_ fails for its rounding, or passes out of step."""
    row = dice.Row("orthogonal_", "float32", 9, 2, 1, 1, dice.TOLERANCE)
    assert row.holds
    assert not dice.Row("orthogonal_", "float32", 9, 9, 1, 0, dice.TOLERANCE).holds
