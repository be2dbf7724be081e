"""Where PyTorch's padding leaves numbers as it finds them in memory.

Each test asserts the wrong behaviour of the installed version: once it fails, PyTorch
has mended it, and scratch need not be stricter any more.
"""

import pytest
import torch


@pytest.fixture
def unfilled_memory_is_nan():
    """PyTorch's own aid: what it has not written to yet is filled with NaN."""
    torch.use_deterministic_algorithms(True)
    yield
    torch.use_deterministic_algorithms(False)


@pytest.mark.usefixtures("unfilled_memory_is_nan")
def test_a_wrapped_border_of_more_than_is_left_is_not_filled():
    """Negative padding leaves 2 of 5 numbers, of which 4 are to be wrapped around.
    Expected: an error, as for 6 of 5; it is raised for one row, not for several.
    """
    pad = torch.nn.CircularPad1d((4, -3))
    with pytest.raises(RuntimeError):
        pad(torch.ones(1, 1, 5))
    assert pad(torch.ones(2, 3, 5)).isnan().any()
    with pytest.raises(RuntimeError):
        torch.nn.CircularPad1d((6, 0))(torch.ones(2, 3, 5))
