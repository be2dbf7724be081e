"""The kinds of draw, with options and sizes that are hit upon at random."""

import numpy as np
import torch

from twofold.scratch import random as scratch_random
from twofold.scratch.nn import init

from .layers import LAYERS
from .spec import C_LIBRARY, FUSED, INTEGERS, POLYNOMIALS, TOLERANCE, Kind

# Around the block of 16 that Box-Muller works in, and beyond a block of drawing.
SIZES = (0, 1, 2, 15, 16, 17, 31, 33, 100, 1000)
LARGE = 70_000

_FLOATS = ("float32", "float64")
_FLOATS16 = ("float16", *_FLOATS)

# `s` is a size, `d` the name of a dtype, `g` a generator.


def _empty(size, dtype):
    return torch.empty(size, dtype=getattr(torch, dtype), device="cpu")


def _size(rng):
    return int(LARGE if rng.integers(50) == 0 else rng.choice(SIZES))


def _bounds(rng):
    width = float(rng.choice([0.0, 1e-3, 1.0, 37.5]))
    return _size(rng), (low := float(rng.normal())), low + width


def _moments(rng):
    mean, std = rng.choice([0.0, -1.5, 100.0]), rng.choice([0.0, 0.02, 1.0, 3.3])
    return _size(rng), float(mean), float(std)


def _moments_of_16_or_more(rng):
    size, *moments = _moments(rng)
    return 16 + size, *moments


def _integers(rng):
    low = int(rng.choice([0, -5, 17]))
    spans = [1, 10, 2**28 - 1, 2**28, 2**32 + 1, 2**62]
    return _size(rng), low, low + int(rng.choice(spans))


def _weights(rng):
    shape = (int(rng.integers(1, 60)),) if rng.integers(2) else (3, 20)
    return rng.random(shape) + 1e-3, int(rng.integers(1, shape[-1] + 1))


def _normal_ours(g, d, s, mean, std):
    return g.normal(s, mean, std, d)


def _normal_theirs(g, d, s, mean, std):
    return _empty(s, d).normal_(mean, std, generator=g)


def _serial_ours(g, d, s, mean, std):
    return g.normal((s, 3), mean, std, d, serial=True)


def _serial_theirs(g, d, s, mean, std):
    return _empty((s, 6), d)[:, ::2].normal_(mean, std, generator=g)


def _filler(name, **arguments):
    """A function of nn.init, on a matrix that is transposed every other time."""

    def options(rng):
        return tuple(int(n) for n in rng.integers(1, 40, 2)), bool(rng.integers(2))

    def ours(g, d, shape, transposed):
        array = np.zeros(shape, d)
        array = array.T if transposed else array
        return getattr(init, name)(array, **arguments, generator=g)

    def theirs(g, d, shape, transposed):
        tensor = _empty(shape, d)
        tensor = tensor.T if transposed else tensor
        return getattr(torch.nn.init, name)(tensor, **arguments, generator=g)

    return options, ours, theirs


def _sparse_ours(g, d, shape, transposed):
    # The zeroed rows come from the default stream: start it, and put it back.
    with scratch_random.fork_rng():
        scratch_random.manual_seed(g.initial_seed())
        return _SPARSE[1](g, d, shape, transposed)


def _sparse_theirs(g, d, shape, transposed):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(g.initial_seed())
        return _SPARSE[2](g, d, shape, transposed)


_SPARSE = _filler("sparse_", sparsity=0.3)


KINDS = (
    Kind(
        "uniform",
        FUSED,
        _FLOATS16,
        _bounds,
        lambda g, d, s, low, high: g.uniform(s, low, high, d),
        lambda g, d, s, low, high: _empty(s, d).uniform_(low, high, generator=g),
    ),
    Kind(
        "normal, 16 or more",
        POLYNOMIALS,
        ("float16", "float32"),
        _moments_of_16_or_more,
        _normal_ours,
        _normal_theirs,
    ),
    Kind(
        "normal, 16 or more",
        C_LIBRARY,
        ("float64",),
        _moments_of_16_or_more,
        _normal_ours,
        _normal_theirs,
    ),
    Kind(
        "normal, short",
        C_LIBRARY,
        _FLOATS16,
        lambda rng: (int(rng.integers(16)), *_moments(rng)[1:]),
        _normal_ours,
        _normal_theirs,
    ),
    Kind(
        "normal, not contiguous",
        C_LIBRARY,
        _FLOATS16,
        lambda rng: (int(rng.integers(2, 40)), *_moments(rng)[1:]),
        _serial_ours,
        _serial_theirs,
    ),
    Kind(
        "randint",
        INTEGERS,
        ("int64",),
        _integers,
        lambda g, d, s, low, high: g.randint(low, high, s, d),
        lambda g, d, s, low, high: torch.randint(
            low, high, (s,), generator=g, dtype=getattr(torch, d), device="cpu"
        ),
    ),
    Kind(
        "random_",
        INTEGERS,
        ("int64", "int32", "uint8", "bool", *_FLOATS16),
        lambda rng: (_size(rng),),
        lambda g, d, s: g.random(s, d),
        lambda g, d, s: _empty(s, d).random_(generator=g),
    ),
    Kind(
        "randperm",
        INTEGERS,
        ("int64",),
        lambda rng: (_size(rng),),
        lambda g, d, n: g.randperm(n),
        lambda g, d, n: torch.randperm(n, generator=g, device="cpu"),
    ),
    Kind(
        "bernoulli, dropout masks",
        INTEGERS,
        _FLOATS16,
        lambda rng: (_size(rng), float(rng.choice([0.0, 0.1, 0.5, rng.random(), 1.0]))),
        lambda g, d, s, p: g.bernoulli(p, s, d),
        lambda g, d, s, p: _empty(s, d).bernoulli_(p, generator=g),
    ),
    Kind(
        "bernoulli of an array",
        INTEGERS,
        _FLOATS16,
        lambda rng: (rng.random(_size(rng)),),
        lambda g, d, p: g.bernoulli(p.astype(d)),
        lambda g, d, p: torch.bernoulli(torch.from_numpy(p.astype(d)), generator=g),
    ),
    Kind(
        "exponential",
        C_LIBRARY,
        _FLOATS16,
        lambda rng: (_size(rng), float(rng.choice([0.1, 1.0, 2.5]))),
        lambda g, d, s, rate: g.exponential(s, rate, d),
        lambda g, d, s, rate: _empty(s, d).exponential_(rate, generator=g),
    ),
    Kind(
        "multinomial, replacing",
        C_LIBRARY,  # a single sample is drawn with exponentials
        _FLOATS,
        _weights,
        lambda g, d, p, k: g.multinomial(p.astype(d), k, True),
        lambda g, d, p, k: torch.multinomial(
            torch.from_numpy(p.astype(d)), k, True, generator=g
        ),
    ),
    Kind(
        "multinomial",
        C_LIBRARY,
        _FLOATS,
        _weights,
        lambda g, d, p, k: g.multinomial(p.astype(d), k),
        lambda g, d, p, k: torch.multinomial(
            torch.from_numpy(p.astype(d)), k, generator=g
        ),
    ),
    Kind("xavier_uniform_", FUSED, _FLOATS, *_filler("xavier_uniform_")),
    Kind("kaiming_uniform_", FUSED, _FLOATS, *_filler("kaiming_uniform_", a=5**0.5)),
    # A transposed matrix is filled pair by pair, with the C library's functions.
    Kind("xavier_normal_", C_LIBRARY, _FLOATS, *_filler("xavier_normal_")),
    Kind("kaiming_normal_", C_LIBRARY, _FLOATS, *_filler("kaiming_normal_")),
    Kind("trunc_normal_", C_LIBRARY, _FLOATS, *_filler("trunc_normal_", std=0.8)),
    Kind("sparse_", C_LIBRARY, _FLOATS, _SPARSE[0], _sparse_ours, _sparse_theirs),
    Kind("orthogonal_", TOLERANCE, _FLOATS, *_filler("orthogonal_")),
    *LAYERS,
)
