"""Both generators, and every kind of draw from them."""

import numpy as np
import pytest
import torch

from twofold.scratch.random import Generator

# Elsewhere PyTorch computes float32 normals and fused products in another way; there
# the fingerprint has to say so (tests/compare/test_fingerprint.py).
ON_X86 = pytest.mark.skipif(
    torch.backends.cpu.get_cpu_capability() not in ("AVX2", "AVX512"),
    reason="PyTorch's x86-64 kernels with fused multiply-add are the model",
)

FLOATS = ["float16", "float32", "float64"]
SIZES = [0, 1, 2, 15, 16, 17, 31, 33, 100, 1000, 70_000, (), (3, 5), (4, 1, 7)]


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
