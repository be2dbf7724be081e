"""The random stream against PyTorch's own: numbers and states, by their bytes."""

import random as stdlib_random
from fractions import Fraction

import numpy as np
import pytest
import torch

from scratch import random
from scratch._mathfun import fused_multiply_add
from scratch.random import Generator

# Elsewhere PyTorch computes float32 normals and fused products in another way; there
# the fingerprint has to say so (tests/compare/test_fingerprint.py).
pytestmark = pytest.mark.skipif(
    torch.backends.cpu.get_cpu_capability() not in ("AVX2", "AVX512"),
    reason="PyTorch's x86-64 kernels with fused multiply-add are the model",
)

FLOATS = ["float16", "float32", "float64"]
INTEGERS = ["int64", "int32", "int16", "int8", "uint8", "bool"]
SIZES = [0, 1, 2, 15, 16, 17, 31, 33, 100, 1000, 70_000, (), (3, 5), (4, 1, 7)]
SEEDS = [0, 1, 20_240_607, -1, -(2**63), 2**32, 2**63, 2**64 - 1]


def pair(seed=7):
    return Generator().manual_seed(seed), torch.Generator().manual_seed(seed)


def same(array, tensor):
    expected = tensor.numpy()
    return (
        array.dtype == expected.dtype
        and array.shape == expected.shape
        and array.tobytes() == np.ascontiguousarray(expected).tobytes()
    )


def in_step(ours, theirs):
    return np.array_equal(ours.get_state(), theirs.get_state())


def empty(size, dtype):
    return torch.empty(size, dtype=getattr(torch, dtype))


DRAWS = {
    "uniform": (
        lambda g, s, d: g.uniform(s, dtype=d),
        lambda g, s, d: empty(s, d).uniform_(generator=g),
    ),
    "uniform within bounds": (
        lambda g, s, d: g.uniform(s, -0.3, 1.7, d),
        lambda g, s, d: empty(s, d).uniform_(-0.3, 1.7, generator=g),
    ),
    "normal": (
        lambda g, s, d: g.normal(s, dtype=d),
        lambda g, s, d: empty(s, d).normal_(generator=g),
    ),
    "normal of a mean": (
        lambda g, s, d: g.normal(s, 0.1, 2.5, d),
        lambda g, s, d: empty(s, d).normal_(0.1, 2.5, generator=g),
    ),
    "exponential": (
        lambda g, s, d: g.exponential(s, 0.7, d),
        lambda g, s, d: empty(s, d).exponential_(0.7, generator=g),
    ),
    "bernoulli": (
        lambda g, s, d: g.bernoulli(0.3, s, d),
        lambda g, s, d: empty(s, d).bernoulli_(0.3, generator=g),
    ),
    "random_": (
        lambda g, s, d: g.random(s, d),
        lambda g, s, d: empty(s, d).random_(generator=g),
    ),
}


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("kind", DRAWS)
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


@pytest.mark.parametrize("seed", SEEDS)
def test_any_seed_starts_the_same_stream(seed):
    """Else: negative or long seeds are cut or remembered in another way."""
    generator, reference = pair(seed)
    assert in_step(generator, reference)
    assert generator.initial_seed() == reference.initial_seed()
    assert same(generator.uniform(700), torch.rand(700, generator=reference))
    assert in_step(generator, reference)


def test_a_new_generator_starts_as_pytorchs():
    """Else: the default seed differs."""
    assert in_step(Generator(), torch.Generator())


@pytest.mark.parametrize("words", [0, 1, 623, 624, 625, 1248, 5000])
def test_the_state_counts_words_as_pytorch_does(words):
    """Else: `left` or `next` is off by one where the engine twists."""
    generator, reference = pair()
    generator.words(words)
    torch.rand(words, generator=reference)
    assert in_step(generator, reference)


def test_states_travel_both_ways_in_the_middle_of_mixed_sequences():
    """Else: something that decides the future is missing from the state."""
    chance = stdlib_random.Random(3)
    kinds = list(DRAWS)
    for seed in range(40):
        generator, reference = pair(seed)
        for _ in range(12):
            ours, theirs = DRAWS[chance.choice(kinds)]
            size, dtype = chance.choice(SIZES[:10]), chance.choice(FLOATS)
            drawn = ours(generator, size, dtype)
            assert same(drawn, theirs(reference, size, dtype))
            state = reference.get_state()
            assert np.array_equal(generator.get_state(), state)
            generator = Generator().set_state(state)
            reference = torch.Generator()
            reference.set_state(torch.from_numpy(generator.get_state()))


def test_a_clone_goes_on_alike_and_apart():
    """Else: clones share a state, or lose the waiting normal."""
    generator = Generator().manual_seed(5)
    generator.normal(3)
    clone = generator.clone_state()
    expected = generator.normal(5)
    assert np.array_equal(clone.normal(5), expected)
    clone.uniform(10)
    assert not np.array_equal(clone.get_state(), generator.get_state())


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


# The default stream, and draws under torch's names.


@pytest.fixture
def default_streams():
    """Both default streams at one seed, put back afterwards."""
    with random.fork_rng(), torch.random.fork_rng(devices=[]):
        random.manual_seed(11)
        torch.manual_seed(11)
        yield


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (lambda r: r.rand(3, 4), lambda: torch.rand(3, 4)),
        (
            lambda r: r.rand((20,), dtype=np.float64),
            lambda: torch.rand((20,), dtype=torch.float64),
        ),
        (lambda r: r.randn(5, 5), lambda: torch.randn(5, 5)),
        (lambda r: r.randint(9, (4,)), lambda: torch.randint(9, (4,))),
        (lambda r: r.randint(2, 9, (4,)), lambda: torch.randint(2, 9, (4,))),
        (lambda r: r.randint(high=9, size=(4,)), lambda: torch.randint(9, (4,))),
        (lambda r: r.randint(9, size=(4,)), lambda: torch.randint(9, (4,))),
        (lambda r: r.randperm(30), lambda: torch.randperm(30)),
        (lambda r: r.normal(1.0, 2.0, (30,)), lambda: torch.normal(1.0, 2.0, (30,))),
    ],
)
def test_functions_draw_from_the_default_stream(default_streams, ours, theirs):
    """Else: arguments are read in another order than torch reads them."""
    drawn, expected = ours(random), theirs()
    assert same(drawn, expected)
    assert np.array_equal(random.get_rng_state(), torch.get_rng_state())


MEAN = np.linspace(-1, 1, 60, dtype=np.float32).reshape(3, 20)
STD = np.linspace(0, 2, 20)


@pytest.mark.parametrize(
    ("mean", "std"),
    [(MEAN, 1.5), (0.5, MEAN + 1), (MEAN, STD.astype("f4")), (MEAN, STD), (STD, 2.0)],
)
def test_normal_of_arrays_is_bit_equal(mean, std):
    """Else: product and sum are fused, or the result has another dtype."""
    generator, reference = pair()
    tensors = [torch.from_numpy(a) if np.ndim(a) else a for a in (mean, std)]
    expected = torch.normal(*tensors, generator=reference)
    assert same(random.normal(mean, std, generator=generator), expected)


def test_bernoulli_and_multinomial_take_their_input_as_torch_does():
    """Else: the shape or dtype of a mask is not its input's."""
    generator, reference = pair()
    p = np.full((3, 7), 0.4)
    tensor = torch.from_numpy(p)
    for own, other in [((), ()), ((0.9,), (0.9,))]:
        drawn = random.bernoulli(p, *own, generator=generator)
        assert same(drawn, torch.bernoulli(tensor, *other, generator=reference))
    drawn = random.multinomial(p, 5, True, generator=generator)
    assert same(drawn, torch.multinomial(tensor, 5, True, generator=reference))


def test_fork_rng_puts_the_default_stream_back():
    """Else: drawing inside the block changes what is drawn after it."""
    before = random.get_rng_state()
    with pytest.raises(KeyError), random.fork_rng():
        random.manual_seed(1)
        raise KeyError
    assert np.array_equal(random.get_rng_state(), before)
    with random.fork_rng():
        with random.fork_rng(enabled=False):
            random.rand(1)
        assert not np.array_equal(random.get_rng_state(), before)
        random.set_rng_state(before)


def test_seeding_without_a_seed_differs_each_time():
    """Else: every unseeded run draws the same numbers."""
    with random.fork_rng():
        seeds = {random.seed(), random.seed()}
        assert len(seeds) == 2 and random.initial_seed() in seeds
        assert random.manual_seed(-1) is random.default_generator
        assert random.initial_seed() == 2**64 - 1


# Bad arguments.


def tensor_or_array(library, values, dtype="float32"):
    array = np.array(values, dtype)
    return array if library is random else torch.from_numpy(array)


@pytest.mark.parametrize(
    "call",
    [
        lambda r, g: g.manual_seed(2**64),
        lambda r, g: g.manual_seed(-(2**63) - 1),
        lambda r, g: g.manual_seed(1.5),
        lambda r, g: g.manual_seed(None),
        lambda r, g: r.manual_seed(None),
        lambda r, g: g.set_state(None),
        lambda r, g: g.set_state([1]),
        lambda r, g: g.set_state(tensor_or_array(r, np.zeros(5056))),
        lambda r, g: g.set_state(tensor_or_array(r, np.zeros(5055), "uint8")),
        lambda r, g: g.set_state(tensor_or_array(r, np.zeros(5056), "uint8")),
        lambda r, g: r.rand(),
        lambda r, g: r.rand(-1),
        lambda r, g: r.rand(2.0),
        lambda r, g: r.rand("a"),
        lambda r, g: r.rand(2, (3,)),
        lambda r, g: r.rand(3, generator=5),
        lambda r, g: r.randint(3, 3, (2,)),
        lambda r, g: r.randint(3, 2, (0,)),
        lambda r, g: r.randint(0, 2**63, (2,)),
        lambda r, g: r.randint(0.5, 5, (2,)),
        lambda r, g: r.randint(0, 5, "a"),
        lambda r, g: r.randperm(-1),
        lambda r, g: r.randperm(2.0),
        lambda r, g: r.normal(0.0, -1.0, (2,)),
        lambda r, g: r.normal(0.0, float("nan"), (2,)),
        lambda r, g: r.normal(0.0, 1.0),
        lambda r, g: r.normal(tensor_or_array(r, [0, 0]), -1.0),
        lambda r, g: r.normal(tensor_or_array(r, [0, 0]), tensor_or_array(r, [1, -1])),
        lambda r, g: r.normal(tensor_or_array(r, [0, 0]), tensor_or_array(r, [1] * 3)),
        lambda r, g: r.normal(tensor_or_array(r, [0, 0]), 1.0, (2,)),
        lambda r, g: r.normal(tensor_or_array(r, [0, 0], "int64"), 1.0),
        lambda r, g: r.bernoulli(0.5),
        lambda r, g: r.bernoulli(tensor_or_array(r, [0.5, 1.5])),
        lambda r, g: r.bernoulli(tensor_or_array(r, [0.5, float("nan")])),
        lambda r, g: r.bernoulli(tensor_or_array(r, [0, 1], "int64")),
        lambda r, g: r.bernoulli(tensor_or_array(r, [0.5]), 1.5),
        lambda r, g: r.multinomial([0.5, 0.5], 1),
        lambda r, g: r.multinomial(tensor_or_array(r, [1, 2], "int64"), 1),
        lambda r, g: r.multinomial(tensor_or_array(r, [1, 2]), 0),
        lambda r, g: r.multinomial(tensor_or_array(r, [1, 2]), 3),
        lambda r, g: r.multinomial(tensor_or_array(r, [1, 2]), 1.0),
        lambda r, g: r.multinomial(tensor_or_array(r, [1, -2]), 1),
        lambda r, g: r.multinomial(tensor_or_array(r, [1, float("inf")]), 1, True),
        lambda r, g: r.multinomial(tensor_or_array(r, [0, 0]), 1),
        lambda r, g: r.multinomial(tensor_or_array(r, 1.0), 1),
        lambda r, g: r.multinomial(tensor_or_array(r, [[[1.0]]]), 1),
    ],
)
def test_bad_arguments_raise_what_torch_raises(call):
    """Else: a caller's `except` catches on one side only."""
    with pytest.raises(Exception) as expected:
        call(torch, torch.Generator())
    with pytest.raises(Exception) as raised:
        call(random, Generator())
    assert raised.type is expected.type


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (lambda g: g.uniform(3, 2, 1), lambda: torch.empty(3).uniform_(2, 1)),
        (lambda g: g.uniform(0, 2, 1), lambda: torch.empty(0).uniform_(2, 1)),
        (lambda g: g.uniform(3, 0, 1e39), lambda: torch.empty(3).uniform_(0, 1e39)),
        (
            lambda g: g.uniform(3, -3e38, 3e38),
            lambda: torch.empty(3).uniform_(-3e38, 3e38),
        ),
        (
            lambda g: g.uniform(3, float("nan")),
            lambda: torch.empty(3).uniform_(float("nan")),
        ),
        (
            lambda g: g.uniform(3, dtype=np.int64),
            lambda: torch.rand(3, dtype=torch.int64),
        ),
        (
            lambda g: g.normal(3, dtype=np.int64),
            lambda: torch.randn(3, dtype=torch.int64),
        ),
        (lambda g: g.normal(0, 0, -1), lambda: torch.empty(0).normal_(0, -1)),
        (lambda g: g.exponential(3, 0.0), lambda: torch.empty(3).exponential_(0.0)),
        (
            lambda g: g.exponential(3, dtype=np.int64),
            lambda: torch.empty(3, dtype=torch.int64).exponential_(),
        ),
        (lambda g: g.bernoulli(1.5, 3), lambda: torch.empty(3).bernoulli_(1.5)),
        (
            lambda g: g.randint(0, 300, 3, np.uint8),
            lambda: torch.randint(0, 300, (3,), dtype=torch.uint8),
        ),
        (
            lambda g: g.randint(-1, 3, 3, np.uint8),
            lambda: torch.randint(-1, 3, (3,), dtype=torch.uint8),
        ),
        (
            lambda g: g.random(3, np.uint32),
            lambda: torch.empty(3, dtype=torch.uint32).random_(),
        ),
        (
            lambda g: g.random(3, np.complex64),
            lambda: torch.empty(3, dtype=torch.complex64).random_(),
        ),
    ],
)
def test_bad_parameters_of_a_draw_raise_what_torch_raises(ours, theirs):
    """Else: a wrong bound passes, or fails as something else."""
    with pytest.raises(Exception) as expected:
        theirs()
    with pytest.raises(Exception) as raised:
        ours(Generator())
    assert raised.type is expected.type
