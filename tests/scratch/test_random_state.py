"""Seeds and states of generators: PyTorch's, by their bytes."""

import random as stdlib_random

import numpy as np
import pytest
import torch

from draws import DRAWS, FLOATS, ON_X86, SIZES, in_step, pair, same
from twofold.scratch.random import Generator

pytestmark = ON_X86
SEEDS = [0, 1, 20_240_607, -1, -(2**63), 2**32, 2**63, 2**64 - 1]


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
