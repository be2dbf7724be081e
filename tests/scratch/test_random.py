"""The random stream against PyTorch's own: numbers and states, by their bytes."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from draws import DRAWS, FLOATS, ON_X86, SIZES, empty, in_step, pair, same
from each import each
from twofold.scratch._mathfun import fused_multiply_add
from twofold.scratch.random import Generator

pytestmark = ON_X86
INTEGERS = ["int64", "int32", "int16", "int8", "uint8", "bool"]


@each("dtype", FLOATS)
@each("kind", DRAWS)
def test_every_size_is_bit_equal_and_takes_as_many_words(kind, dtype):
    """Else: a wrong recipe, block edge or tail, or a stream that slips."""
    ours, theirs = DRAWS[kind]
    generator, reference = pair()
    for size in SIZES:
        drawn = ours(generator, size, dtype)
        assert same(drawn, theirs(reference, size, dtype)), size
        assert in_step(generator, reference), size


@pytest.mark.parametrize("dtype", [*INTEGERS, *FLOATS])
@pytest.mark.parametrize("kind", ["bernoulli", "random_"])
def test_integer_dtypes_are_bit_equal(kind, dtype):
    """Else: random_'s range for a dtype, or its number of words, is wrong."""
    ours, theirs = DRAWS[kind]
    generator, reference = pair()
    assert same(ours(generator, 333, dtype), theirs(reference, 333, dtype))
    assert in_step(generator, reference)


@pytest.mark.parametrize(
    ("low", "high"),
    [
        (0, 10),
        (-5, -4),
        (-7, 2**28 - 8),
        (-7, 2**28 - 7),
        (0, 2**32 + 1),
        (-(2**63), 2**63 - 1),
        (17, 2**63 - 1),
    ],
)
def test_randint_is_bit_equal_on_both_sides_of_a_long_range(low, high):
    """Else: the range from which two words are taken, or the wrap-around, is wrong."""
    generator, reference = pair()
    drawn = generator.randint(low, high, (50, 3))
    assert same(drawn, torch.randint(low, high, (50, 3), generator=reference))
    assert drawn.min() >= low and drawn.max() < high
    assert in_step(generator, reference)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint64", "float32", "bool"])
def test_randint_of_other_dtypes_is_bit_equal(dtype):
    """Else: the integer is converted to the dtype in another way."""
    generator, reference = pair()
    expected = torch.randint(
        0, 2, (99,), generator=reference, dtype=getattr(torch, dtype)
    )
    assert same(generator.randint(0, 2, 99, dtype), expected)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 16, 100, 5000, 70_000])
def test_randperm_is_fisher_and_yates_and_bit_equal(n):
    """Else: the chains of moves that replace the swaps are followed wrongly."""
    generator, reference = pair(n)
    words = Generator().manual_seed(n).words(max(n - 1, 0)).tolist()
    swapped = list(range(n))
    for i, word in enumerate(words):
        j = i + word % (n - i)
        swapped[i], swapped[j] = swapped[j], swapped[i]
    drawn = generator.randperm(n)
    assert drawn.tolist() == swapped
    assert same(drawn, torch.randperm(n, generator=reference))
    assert in_step(generator, reference)


@pytest.mark.parametrize("dtype", FLOATS)
def test_bernoulli_of_an_array_is_bit_equal(dtype):
    """Else: the uniforms of a probability have too many or too few bits."""
    p = np.random.default_rng(0).random((40, 25)).astype(dtype)
    p[0, :2] = 0, 1
    generator, reference = pair()
    for probabilities in (p, p.T, p[:, ::2]):
        expected = torch.bernoulli(torch.from_numpy(probabilities), generator=reference)
        assert same(generator.bernoulli(probabilities), expected)
    assert in_step(generator, reference)


@pytest.mark.parametrize("replacement", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_multinomial_is_bit_equal(dtype, replacement):
    """Else: sums, search, ratios or the path of a single sample differ."""
    p = np.random.default_rng(1).random((6, 30)).astype(dtype)
    p[2, 4] = 0
    generator, reference = pair()
    for weights in (p[0], p, p.T, p[:, ::2]):
        for k in (1, 4):
            drawn = generator.multinomial(weights, k, replacement)
            tensor = torch.from_numpy(weights)
            expected = torch.multinomial(tensor, k, replacement, generator=reference)
            assert same(drawn, expected)
            assert in_step(generator, reference)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("rows", [1, 2, 5, 16, 17, 200])
def test_serial_normals_are_those_of_an_array_that_is_not_contiguous(rows, dtype):
    """Else: transposed weights start from other numbers than PyTorch's."""
    generator, reference = pair()
    for _ in range(2):
        holes = empty((rows, 6), dtype)[:, ::2]
        drawn = generator.normal((rows, 3), 0.5, 2.0, dtype, serial=True)
        assert same(drawn, holes.normal_(0.5, 2.0, generator=reference))
        assert in_step(generator, reference)


def test_the_waiting_sine_serves_the_next_short_normal_of_any_dtype():
    """Else: after an odd number of short normals all later ones are shifted."""
    generator, reference = pair()
    for size, dtype in [
        (3, "float32"),
        (1, "float64"),
        (20, "float32"),
        (5, "float16"),
    ]:
        expected = empty(size, dtype).normal_(generator=reference)
        assert same(generator.normal(size, dtype=dtype), expected)
        assert in_step(generator, reference)
        generator.uniform(3), torch.rand(3, generator=reference)


@pytest.mark.parametrize("dtype", FLOATS)
def test_uniform_stays_below_its_upper_bound(dtype):
    """Else: rounding lets through the bound that PyTorch excludes."""
    low, high = 1.0, 1.0 + 2 * float(np.finfo(dtype).eps)
    generator, reference = pair()
    drawn = generator.uniform(1000, low, high, dtype)
    assert drawn.max() < high
    assert same(drawn, empty(1000, dtype).uniform_(low, high, generator=reference))


def rounded(exact: Fraction, dtype):
    """The number of `dtype` nearest to `exact`; of two, that with an even last bit."""
    near = np.array(float(exact), dtype)
    candidates = [np.nextafter(near, dtype.type(-np.inf)), near]
    candidates.append(np.nextafter(near, dtype.type(np.inf)))
    bits = f"u{dtype.itemsize}"
    return min(
        candidates,
        key=lambda x: (abs(Fraction(float(x)) - exact), int(x.view(bits)) & 1),
    )


@pytest.mark.parametrize("dtype", [np.dtype("float32"), np.dtype("float64")])
def test_fused_multiply_add_rounds_once(dtype):
    """Else: bounds and means of some draws are off by a bit."""
    rng = np.random.default_rng(2)
    for exponent in (-40, -20, -3, 0, 3, 20):
        a = rng.standard_normal(100).astype(dtype)
        b, c = (
            dtype.type(rng.standard_normal()),
            dtype.type(2.0**exponent * rng.random()),
        )
        exact = [
            Fraction(float(x)) * Fraction(float(b)) + Fraction(float(c)) for x in a
        ]
        expected = np.array([rounded(x, dtype) for x in exact])
        assert fused_multiply_add(a, b, c).tobytes() == expected.tobytes()


@pytest.mark.parametrize("sign", [1, -1])
def test_fused_multiply_add_is_not_fooled_by_rounding_twice(sign):
    """Else: float64 has rounded the sum to a tie, and the tie went the wrong way."""
    a = np.float32([1 + 2**-12])
    b = np.float32(sign * 2**-24 * (1 - 2**-12 + 2**-24))
    c = np.float32(sign)
    assert np.float32(np.float64(a) * b + c) == c  # but |a*b + c| exceeds 1 + 2^-24
    assert fused_multiply_add(a, b, c) == c * np.float32(1 + 2**-23)


def test_a_standard_deviation_of_zero_leaves_no_negative_zero():
    """Else: the sum with a mean of 0, which makes +0 of -0, is left out."""
    for dtype in FLOATS:
        generator, reference = pair()
        expected = empty(40, dtype).normal_(0.0, 0.0, generator=reference)
        assert same(generator.normal(40, 0.0, 0.0, dtype), expected)


def test_impossible_categories_come_last_in_the_order_of_their_indices():
    """Else: a permutation of weights with zeros changes from machine to machine."""
    weights = np.zeros(50)
    weights[[7, 31]] = 1, 2
    drawn = Generator().multinomial(weights, 50)
    assert set(drawn[:2]) == {7, 31}
    assert drawn[2:].tolist() == [i for i in range(50) if i not in (7, 31)]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_number_equal_to_its_probability_is_no_hit(dtype):
    """Else: what has probability 0 happens once in 2^24 draws."""
    ours, theirs = pair()
    p = pair()[0].uniform(1000, dtype=dtype)
    assert not ours.bernoulli(p).any()
    assert not torch.bernoulli(torch.from_numpy(p), generator=theirs).any()
