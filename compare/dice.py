"""How equal are the two random streams? The figures behind `twofold check random`.

Every kind of draw is made by `scratch` and by PyTorch from the same seeds, with options
and sizes that vary from seed to seed; numbers and the generators' states are compared
by their bytes. Then all kinds are mixed in long sequences on one generator.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch

from scratch import random as scratch_random
from scratch._mathfun import log_float32, sincos_float32
from scratch.nn import init
from scratch.random import Generator

EXACT = "bit for bit"
C_LIBRARY = "exact with this C library"
TOLERANCE = "tolerance"

# Around the block of 16 that Box-Muller works in, and beyond a block of drawing.
SIZES = (0, 1, 2, 15, 16, 17, 31, 33, 100, 1000)
LARGE = 70_000
MIXED_LENGTH = 20

_FLOATS = ("float32", "float64")
_FLOATS16 = ("float16", *_FLOATS)


@dataclass(frozen=True)
class Row:
    """One kind of draw in one dtype: how much was compared, and was equal."""

    kind: str
    dtype: str
    values: int
    equal_values: int
    states: int
    equal_states: int
    claim: str

    @property
    def holds(self) -> bool:
        """Whether what was seen bears out the claim (a tolerance claims no value)."""
        values_hold = self.claim == TOLERANCE or self.equal_values == self.values
        return values_hold and self.equal_states == self.states


class Kind(NamedTuple):
    """A kind of draw: `ours(generator, dtype, *options)`, and `theirs` with PyTorch's.

    `options(rng)` chooses what both are given beside the dtype's name.
    """

    name: str
    claim: str
    dtypes: tuple[str, ...]
    options: Callable
    ours: Callable
    theirs: Callable


def compare_streams(seeds: Iterable[int] = range(100), stride: int = 1) -> list[Row]:
    """The rows of all kinds, of mixed sequences, and of `every_argument(stride)`."""
    seeds = list(seeds)
    rows = [_compare(kind, dtype, seeds) for kind in KINDS for dtype in kind.dtypes]
    return [*rows, _compare_mixed(seeds), every_argument(stride)]


class _Tally:
    """Two generators side by side, and how often they agreed."""

    def __init__(self):
        self.values = self.equal_values = self.states = self.equal_states = 0

    def start(self, seed):
        self.ours = Generator().manual_seed(seed)
        self.theirs = torch.Generator("cpu").manual_seed(seed)

    def add(self, kind, dtype, options):
        drawn = kind.ours(self.ours, dtype, *options)
        expected = kind.theirs(self.theirs, dtype, *options).numpy()
        self.values += expected.size
        if (drawn.dtype, drawn.shape) == (expected.dtype, expected.shape):
            self.equal_values += int((_bits(drawn) == _bits(expected)).sum())
        self.states += 1
        state = self.theirs.get_state()
        self.equal_states += int(np.array_equal(self.ours.get_state(), state))

    def row(self, name, dtype, claim):
        counts = (self.values, self.equal_values, self.states, self.equal_states)
        return Row(name, dtype, *counts, claim)


def _bits(x):
    """The bit patterns, under which -0 is not 0 and a NaN may equal itself."""
    return np.ascontiguousarray(x).view(f"u{x.dtype.itemsize}")


def _compare(kind, dtype, seeds):
    tally = _Tally()
    for seed in seeds:
        tally.start(seed)
        tally.add(kind, dtype, kind.options(np.random.default_rng(seed)))
    return tally.row(kind.name, dtype, kind.claim)


def _compare_mixed(seeds):
    tally = _Tally()
    kinds = [kind for kind in KINDS if kind.claim != TOLERANCE]
    for seed in seeds:
        tally.start(seed)
        rng = np.random.default_rng(seed)
        for _ in range(MIXED_LENGTH):
            kind = kinds[rng.integers(len(kinds))]
            tally.add(kind, str(rng.choice(kind.dtypes)), kind.options(rng))
    return tally.row("mixed sequences", "mixed", C_LIBRARY)


# The kinds. `s` is a size, `d` the name of a dtype, `g` a generator.


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


def _integers(rng):
    low = int(rng.choice([0, -5, 17]))
    spans = [1, 10, 2**28 - 1, 2**28, 2**32 + 1, 2**62]
    return _size(rng), low, low + int(rng.choice(spans))


def _weights(rng):
    shape = (int(rng.integers(1, 60)),) if rng.integers(2) else (3, 20)
    return rng.random(shape) + 1e-3, int(rng.integers(1, shape[-1] + 1))


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
        EXACT,
        _FLOATS16,
        _bounds,
        lambda g, d, s, low, high: g.uniform(s, low, high, d),
        lambda g, d, s, low, high: _empty(s, d).uniform_(low, high, generator=g),
    ),
    Kind(
        "normal, 16 or more",
        EXACT,
        ("float16", "float32"),
        lambda rng: (16 + (m := _moments(rng))[0], *m[1:]),
        lambda g, d, s, mean, std: g.normal(s, mean, std, d),
        lambda g, d, s, mean, std: _empty(s, d).normal_(mean, std, generator=g),
    ),
    Kind(
        "normal, 16 or more",
        C_LIBRARY,
        ("float64",),
        lambda rng: (16 + (m := _moments(rng))[0], *m[1:]),
        lambda g, d, s, mean, std: g.normal(s, mean, std, d),
        lambda g, d, s, mean, std: _empty(s, d).normal_(mean, std, generator=g),
    ),
    Kind(
        "normal, short",
        C_LIBRARY,
        _FLOATS16,
        lambda rng: (int(rng.integers(16)), *_moments(rng)[1:]),
        lambda g, d, s, mean, std: g.normal(s, mean, std, d),
        lambda g, d, s, mean, std: _empty(s, d).normal_(mean, std, generator=g),
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
        EXACT,
        ("int64",),
        _integers,
        lambda g, d, s, low, high: g.randint(low, high, s, d),
        lambda g, d, s, low, high: torch.randint(
            low, high, (s,), generator=g, dtype=getattr(torch, d), device="cpu"
        ),
    ),
    Kind(
        "random_",
        EXACT,
        ("int64", "int32", "uint8", "bool", *_FLOATS16),
        lambda rng: (_size(rng),),
        lambda g, d, s: g.random(s, d),
        lambda g, d, s: _empty(s, d).random_(generator=g),
    ),
    Kind(
        "randperm",
        EXACT,
        ("int64",),
        lambda rng: (_size(rng),),
        lambda g, d, n: g.randperm(n),
        lambda g, d, n: torch.randperm(n, generator=g, device="cpu"),
    ),
    Kind(
        "bernoulli, dropout masks",
        EXACT,
        _FLOATS16,
        lambda rng: (_size(rng), float(rng.choice([0.0, 0.1, 0.5, rng.random(), 1.0]))),
        lambda g, d, s, p: g.bernoulli(p, s, d),
        lambda g, d, s, p: _empty(s, d).bernoulli_(p, generator=g),
    ),
    Kind(
        "bernoulli of an array",
        EXACT,
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
    Kind("xavier_uniform_", EXACT, _FLOATS, *_filler("xavier_uniform_")),
    Kind("kaiming_uniform_", EXACT, _FLOATS, *_filler("kaiming_uniform_", a=5**0.5)),
    # A transposed matrix is filled pair by pair, with the C library's functions.
    Kind("xavier_normal_", C_LIBRARY, _FLOATS, *_filler("xavier_normal_")),
    Kind("kaiming_normal_", C_LIBRARY, _FLOATS, *_filler("kaiming_normal_")),
    Kind("trunc_normal_", C_LIBRARY, _FLOATS, *_filler("trunc_normal_", std=0.8)),
    Kind("sparse_", C_LIBRARY, _FLOATS, _SPARSE[0], _sparse_ours, _sparse_theirs),
    Kind("orthogonal_", TOLERANCE, _FLOATS, *_filler("orthogonal_")),
)


# Every argument of the float32 polynomials, not a sample of them.

_ARGUMENTS = 1 << 24
_STATE_WORDS, _WORDS_AT = 624, 24  # how many, and from which byte of the state on
_PER_STATE = 304  # pairs of words to a state: 608 of its 623 that are left
_OTHER = 0x5A3C71  # a word for the radius while the angles are tried


def every_argument(stride: int = 1) -> Row:
    """Compare the polynomials with PyTorch's on all 2^24 (over `stride`) arguments.

    A uniform of 24 bits has no more values than that, so this is no sample: the numbers
    that a float32 normal can take are all of them a radius times a sine or a cosine
    seen here. PyTorch is led to each argument by a state whose words were worked out
    backwards. Counted as states are the two halves, radii and angles, that were equal.
    """
    words = np.arange(0, _ARGUMENTS, stride, np.uint32)
    zeros, others = np.zeros_like(words), np.full_like(words, _OTHER)

    cosines, sines = _led(words, zeros)
    radii = _equal(cosines, _radius(words)) & _equal(sines, 0 * cosines)
    cosines, sines = _led(others, words)
    sine, cosine = sincos_float32(np.float32(2 * np.pi) * _fraction(words))
    radius = _radius(others)
    angles = _equal(cosines, radius * cosine) & _equal(sines, radius * sine)
    return Row(
        "normal, every argument",
        "float32",
        2 * words.size,
        int(radii.sum() + angles.sum()),
        2,
        int(radii.all()) + int(angles.all()),
        EXACT,
    )


def _fraction(words):
    return words.astype(np.float32) * np.float32(2.0**-24)


def _radius(words):
    return np.sqrt(np.float32(-2) * log_float32(1 - _fraction(words)))


def _equal(a, b):
    zero = np.float32(0)  # adding the mean makes +0 of -0
    return _bits(a + zero) == _bits(b + zero)


def _led(u1_words, u2_words):
    """PyTorch's normals (cosines, sines) of uniforms made of these words."""
    count = len(u1_words)
    pairs = np.zeros((2, -(-count // _PER_STATE) * _PER_STATE), np.uint32)
    pairs[:, :count] = u1_words, u2_words
    blocks = pairs.reshape(2, -1, 8).swapaxes(0, 1)
    states = _untempered(blocks.reshape(-1, 2 * _PER_STATE))

    generator = Generator()
    generator.words(1)
    state = generator.get_state()
    words = state[_WORDS_AT:][: 8 * _STATE_WORDS].view(np.uint64)
    reference, tensor = torch.Generator("cpu"), torch.from_numpy(state)
    drawn = np.empty(states.shape, np.float32)
    for source, target in zip(states, torch.from_numpy(drawn), strict=True):
        words[1 : 1 + len(source)] = source
        target.normal_(generator=reference.set_state(tensor))
    return drawn.reshape(-1, 2, 8).swapaxes(0, 1).reshape(2, -1)[:, :count]


def _untempered(y):
    """The words of the state from which MT19937 hands out `y`, undone bit by bit."""
    u = np.uint32
    y = y ^ (y >> u(18))
    y ^= (y << u(15)) & u(0xEFC60000)
    x = y
    for _ in range(4):  # 7 more bits are right each time
        x = y ^ ((x << u(7)) & u(0x9D2C5680))
    y = x
    for _ in range(2):  # 11 more
        x = y ^ (x >> u(11))
    return x
