"""Numbers as pages show them."""

import numpy as np
import pytest

from twofold.compare.report.html import number, report_html, tensor_table
from twofold.compare.report.report import Report


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_number_is_shown_with_all_its_digits(dtype):
    """Else: two numbers that differ look alike in a report about their difference."""
    x = np.dtype(dtype).type(1 / 3)
    for value in (x, np.nextafter(x, x.dtype.type(1))):
        assert x.dtype.type(number(float(value), dtype)) == value


def test_the_sides_are_named():
    """Else: somebody's two modules are called NumPy and PyTorch, whatever they are."""
    assert "mine there" in report_html(Report("x", []))
    assert "NumPy there" in tensor_table([])
