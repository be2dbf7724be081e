"""The judge on planted differences: what it must see, and what it must let pass."""

import numpy as np
import pytest

from twofold.compare.numerics.dtypes import precision, unit_roundoff
from twofold.compare.numerics.pools import ALL, Gauge
from twofold.compare.numerics.scores import LIMIT
from twofold.compare.numerics.sizes import Size
from twofold.compare.numerics.verdict import Evidence, judge


def moves(size: Size) -> Gauge:
    """Every number moves by its rounding, in whatever precision."""
    gauge = Gauge([ALL])
    gauge.moved[0] = size
    return gauge


def evidence(c64, r64, *, noise=1.0, dtype=np.float32, seed=0, **changes) -> Evidence:
    """Both sides in float64, and in `dtype` with one rounding of error each."""
    rng = np.random.default_rng(seed)
    u = unit_roundoff(dtype)
    size = Size.of(np.nan_to_num(r64))

    def rounded(x):
        return (x * (1 + noise * u * rng.uniform(-1, 1, x.shape))).astype(dtype)

    return Evidence(
        c64,
        r64,
        gauge64=moves(size),
        candidate=changes.get("candidate", rounded(c64)),
        reference=rounded(r64),
        truth=r64,
        gauge=moves(size),
        precision=precision(dtype),
    )


@pytest.fixture
def x():
    return np.random.default_rng(1).standard_normal((37, 11))


def test_equal_sides_match(x):
    """If this failed, correct code would be called wrong."""
    assert judge(evidence(x.copy(), x)).verdict == "match"


def test_a_wrong_sign_is_a_mismatch(x):
    """If this failed, a flipped gradient would pass."""
    assert judge(evidence(-x, x)).verdict == "mismatch"


def test_one_wrong_element_among_a_million_is_seen_and_named():
    """If this failed, the mean over a large tensor would hide a broken corner."""
    r = np.random.default_rng(2).standard_normal((1000, 1000))
    c = r.copy()
    c[417, 3] *= 1 + 1e-6
    found = judge(evidence(c, r))
    assert found.verdict == "mismatch"
    assert found.index == (417, 3)
    assert found.values == (c[417, 3], r[417, 3])


def test_one_bad_rounding_among_a_million_is_seen_by_its_size_alone():
    """If this failed, only what moves the mean of all elements would count."""
    r = np.random.default_rng(2).standard_normal((1000, 1000))
    c = r.copy()
    c[417, 3] += 2000 * unit_roundoff(np.float64)
    assert judge(Evidence(c, r)).verdict == "mismatch"
    narrow = r.astype(np.float32)
    narrow[417, 3] += 2000 * unit_roundoff(np.float32)
    found = judge(evidence(r, r, candidate=narrow))
    assert (found.verdict, found.side) == ("imprecise", "mine")


def test_a_relative_error_of_1e_9_everywhere_is_semantic(x):
    """If this failed, an epsilon in the wrong place would pass as rounding."""
    assert judge(evidence(x * (1 + 1e-9), x)).verdict == "mismatch"


def test_a_wrong_dtype_is_a_mismatch(x):
    """If this failed, a silent float64 (or float32) would pass."""
    found = judge(evidence(x.astype(np.float32), x))
    assert found.verdict == "mismatch" and "dtype" in found.reason
    found = judge(evidence(x, x, candidate=x))
    assert found.verdict == "mismatch" and "dtype" in found.reason


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_nan_or_infinity_on_one_side_only_is_a_mismatch(x, bad):
    """If this failed, a NaN would be left out of the mean and never seen."""
    c = x.copy()
    c[2, 5] = bad
    found = judge(evidence(c, x))
    assert found.verdict == "mismatch"
    assert found.index == (2, 5)


def test_nan_and_infinity_in_the_same_places_match(x):
    """If this failed, an honest overflow on both sides would be called wrong."""
    x[0, 0], x[1, 1], x[2, 2] = np.nan, np.inf, -np.inf
    assert judge(evidence(x.copy(), x)).verdict == "match"


def test_infinities_of_different_sign_are_a_mismatch(x):
    """If this failed, -inf in the place of +inf would count as the same place."""
    c = x.copy()
    x[1, 1], c[1, 1] = np.inf, -np.inf
    assert judge(evidence(c, x)).verdict == "mismatch"


def test_a_wrong_shape_is_a_mismatch(x):
    """If this failed, broadcasting would make a column match a matrix."""
    found = judge(evidence(x[:, :1], x))
    assert found.verdict == "mismatch" and "shape" in found.reason


def test_integers_must_be_equal():
    """If this failed, an index off by one would be a small relative error."""
    r = np.arange(1000)
    assert judge(Evidence(r.copy(), r)).verdict == "match"
    c = r.copy()
    c[999] += 1
    assert judge(Evidence(c, r)).verdict == "mismatch"


def test_lost_digits_are_imprecise_and_the_side_is_named(x):
    """If this failed, cancellation would be called a mistake, or pass."""
    lost = (x + 3000).astype(np.float32) - np.float32(3000)
    found = judge(evidence(x.copy(), x, candidate=lost))
    assert (found.verdict, found.side) == ("imprecise", "mine")
    e = evidence(x.copy(), x)
    e.candidate, e.reference = e.reference, lost
    found = judge(e)
    assert (found.verdict, found.side) == ("imprecise", "reference")


def test_more_rounding_in_float64_than_explained_goes_to_the_working_precision(x):
    """If this failed, a clumsy but right formula would be called a wrong one."""
    rng = np.random.default_rng(3)
    clumsy = x * (1 + 1e-12 * rng.uniform(-1, 1, x.shape))
    lost = (x * (1 + 1e-3 * rng.uniform(-1, 1, x.shape))).astype(np.float32)
    assert judge(evidence(clumsy, x, candidate=lost)).verdict == "imprecise"


def test_zero_against_zero_matches_and_anything_else_does_not():
    """If this failed, a gradient of exactly zero could not be told from a small one."""
    zero = np.zeros((3, 4))
    assert judge(evidence(zero.copy(), zero)).verdict == "match"
    assert judge(evidence(zero + 1e-30, zero)).verdict == "mismatch"


@pytest.mark.parametrize("shape", [(0,), (), (1,), (3, 0, 2)])
def test_empty_and_single_element_tensors(shape):
    """If this failed, the smallest tensors would crash the judge."""
    x = np.ones(shape)
    assert judge(evidence(x.copy(), x)).verdict == "match"


@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_sizes_neither_overflow_nor_vanish(scale):
    """If this failed, squares would make huge tensors infinite and tiny ones zero."""
    x = np.full(100, scale)
    assert Size.of(x) == Size(scale, scale)


def test_what_was_seen_is_the_largest_move():
    """If this failed, the limit would depend on the luck of one draw."""
    gauge = Gauge([ALL])
    for move in np.full(4, 1e-9), np.array([0, 0, 0, 8e-9]), np.zeros(4):
        gauge.see("moved", move)
    assert gauge.moved == [Size(4e-9, 8e-9)]


def test_the_limit_is_the_projects_one_number():
    """If this failed, somebody has tuned the limit until something passed."""
    assert LIMIT == 16


def narrow(wide, candidate, reference, dtype) -> Evidence:
    return Evidence(
        wide,
        wide,
        candidate=candidate,
        reference=reference,
        truth=wide,
        precision=precision(dtype),
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numbers_that_a_library_flushes_to_zero_are_no_difference(dtype):
    """If this failed, a kernel that flushes small numbers would be called wrong."""
    small = np.finfo(dtype).smallest_normal / 3
    some, none = np.full(4, small, dtype), np.zeros(4, dtype)
    wide = some.astype(np.float64)
    for c, r in ((some, none), (none, some)):
        assert judge(narrow(wide, c, r, dtype)).verdict == "match"
    visible = np.full(4, np.finfo(dtype).smallest_normal * 1e6, dtype)
    wide = visible.astype(np.float64)
    assert judge(narrow(wide, none, visible, dtype)).verdict == "imprecise"


def test_a_wrong_dtype_does_not_hide_a_wrong_value(x):
    """If this failed, a factor of 5 would be told as a silent float64."""
    found = judge(evidence(x, x, candidate=5 * x))
    assert found.reason.startswith("dtype float64, expected float32")
    assert "the values differ" in found.reason
    assert "differ" not in judge(evidence(x, x, candidate=x)).reason


def test_float32_in_the_place_of_float64_is_judged_as_float32(x):
    """If this failed, a kernel that knows float32 only would have wrong values."""
    found = judge(evidence(x.astype(np.float32), x))
    assert found.reason == "dtype float32, expected float64"
    found = judge(evidence((x * (1 + 1e-4)).astype(np.float32), x))
    assert "the values differ" in found.reason


def test_complex_numbers_are_compared_part_by_part(x):
    """If this failed, an imaginary part of the wrong sign would pass, or nothing."""
    z = x + 1j * x[::-1]
    assert judge(evidence(z.copy(), z, dtype=np.complex64)).verdict == "match"
    found = judge(evidence(z.conj(), z, dtype=np.complex64))
    assert found.verdict == "mismatch" and len(found.index) == 2


def test_one_rounding_in_common_is_seen_in_half_precision(x):
    """If this failed, a scale error of 2% would pass in bfloat16, where a single number
    shows no less than 7%.
    """
    r = precision("bfloat16").rounded(np.tile(x, (20, 1)))
    for factor, verdict in (1, "match"), (1.02, "imprecise"):
        e = Evidence(precision=precision("bfloat16"), reference=r, truth=r * 1.0)
        e.candidate = precision("bfloat16").rounded(r * np.float32(factor))
        e.gauge = moves(Size.of(r))
        assert judge(e).verdict == verdict


@pytest.mark.parametrize("rows", [10, 10**6])
def test_sums_taken_one_after_the_other_match_at_any_height(rows):
    """If this failed, correct code would be imprecise on a table of a million rows."""
    x = np.random.default_rng(0).normal([0, 5, -2], size=(rows, 3))
    e = Evidence(x.sum(axis=0), np.array([np.sum(c) for c in x.T.copy()]))
    narrow = x.astype(np.float32)
    e.candidate = narrow.sum(axis=0)
    e.truth = narrow.astype(np.float64).sum(axis=0)
    e.reference = e.truth.astype(np.float32)
    e.precision, e.height = precision(np.float32), rows
    e.gauge64 = e.gauge = moves(Size.of(x) * rows**0.5)
    assert judge(e).verdict == "match"
    e.candidate = e.candidate * np.float32(1.01)
    assert judge(e).verdict == "imprecise"
