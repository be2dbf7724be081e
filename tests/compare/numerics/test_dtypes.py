"""What a dtype can hold."""

import numpy as np
import pytest
import torch

from twofold.compare.numerics.dtypes import precision, to_bfloat16


def test_bfloat16_rounds_as_torch_does():
    """Else: both sides of a bfloat16 run are fed different numbers."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal(10_000).astype(np.float32) * np.float32(10) ** rng.integers(
        -38, 38, 10_000
    ).astype(np.float32)
    x[:6] = 0, -0.0, np.inf, -np.inf, 3.39e38, 1.00390625  # a tie, to even
    expected = torch.from_numpy(x).to(torch.bfloat16).float().numpy()
    assert np.array_equal(to_bfloat16(x).view(np.uint32), expected.view(np.uint32))
    assert np.isnan(to_bfloat16(np.array([np.nan], np.float32))).all()


@pytest.mark.parametrize(
    ("name", "roundoff"),
    [
        ("float64", 2.0**-53),
        (np.float32, 2.0**-24),
        (torch.float16, 2.0**-11),
        (torch.bfloat16, 2.0**-8),
        ("bfloat16", 2.0**-8),
        (np.dtype(np.float64), 2.0**-53),
    ],
)
def test_dtypes_are_known_by_any_name(name, roundoff):
    """Else: torch.bfloat16 is refused where "bfloat16" is taken."""
    assert precision(name).roundoff == roundoff
    assert 2.0 ** -precision(name).digits == roundoff


@pytest.mark.parametrize("name", ["int32", np.int64, torch.int8, "text", None])
def test_what_has_no_rounding_is_refused(name):
    """Else: a slip ends in a trace from deep inside."""
    with pytest.raises(ValueError, match="was expected"):
        precision(name)
