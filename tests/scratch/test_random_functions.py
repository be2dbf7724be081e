"""The default stream, draws under torch's names, and their bad arguments."""

import numpy as np
import pytest
import torch

from draws import ON_X86, pair, same
from twofold.scratch import random
from twofold.scratch.random import Generator

pytestmark = ON_X86


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
