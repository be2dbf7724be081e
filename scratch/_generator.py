"""PyTorch's CPU random stream in NumPy: same seed, same numbers, to the last bit.

The recipes, from words of the Mersenne Twister to numbers, are those of ATen's
`DistributionsHelper.h`, `DistributionTemplates.h` and `MultinomialKernel.cpp` on x86-64
with AVX2. Logarithms, sines and cosines in float64 are the C library's, by way of
`math`, because NumPy's own vectorised ones differ in the last bit.
"""

import math
import operator

import numpy as np

from ._arrays import empty_in_memory_order
from ._mathfun import fused_multiply_add, log_float32, sincos_float32
from ._mersenne import Engine

# Numbers drawn at once, a multiple of 16: their temporaries stay in the cache.
_BLOCK = 1 << 15
# Box-Muller makes 16 normals of 16 uniforms at a time; of fewer, pairs.
_NORMAL_BLOCK = 16
# From this range on randint takes two words; one would favour some numbers by over 5%.
_LONG_RANGE = 1 << 28
# From this length on PyTorch's randperm shuffles in another way, with long words.
_LONG_PERMUTATION = (2**32 - 1) // 20


class Generator(Engine):
    """A stream of random numbers, equal to that of `torch.Generator()` on the CPU.

    A draw returns a new array and moves the stream on by as many words as PyTorch
    takes, so mixed sequences of draws stay equal. `size` is an int or a sequence of
    ints; the floating dtypes are float16, float32 and float64.

    Every draw raises TypeError for a size that is not made of ints, RuntimeError for a
    negative one and for parameters outside their range, and NotImplementedError for a
    dtype that PyTorch does not draw either.
    """

    def uniform(self, size, low=0.0, high=1.0, dtype=np.float32) -> np.ndarray:
        """Uniform in [low, high): u*(high - low) + low, rounded once.

        u has as many random bits as the dtype can hold (float16 is drawn as float32).
        Rounding may reach `high`; such a number becomes `low`.
        """
        dtype = _floating("uniform", dtype)
        limit = float(np.finfo(dtype).max)
        if not (-limit <= low <= high <= limit and high - low <= limit):
            raise RuntimeError(
                f"uniform: expected low <= high in the range of {dtype}, "
                f"got low={low}, high={high}"
            )
        wide = np.promote_types(dtype, np.float32).type
        span, low, ceiling = wide(high) - wide(low), wide(low), dtype.type(high)

        def recipe(count):
            numbers = self.fractions(count, wide)
            if (low, span) != (0, 1):
                numbers = fused_multiply_add(numbers, span, low)
            numbers = numbers.astype(dtype, copy=False)
            numbers[numbers == ceiling] = low
            return numbers

        return _in_blocks(size, dtype, recipe)

    def normal(
        self, size, mean=0.0, std=1.0, dtype=np.float32, serial=False
    ) -> np.ndarray:
        """Normal with `mean` and standard deviation `std`, by Box and Muller (1958).

        r = sqrt(-2 ln u1) and an angle t = 2 pi u2 give two numbers, r cos t and
        r sin t. Arrays of 16 and more are made in blocks of 16, in the precision of the
        dtype. Smaller ones are made pair by pair in float64; the sine of a pair that is
        used by half waits for the next such call, whatever its dtype.

        `serial=True` makes pairs whatever the size, as PyTorch does to fill an array
        that is not contiguous.
        """
        dtype, shape = _floating("normal", dtype), _shape(size)
        if not std >= 0:
            raise RuntimeError(f"normal: expected std >= 0, got {std}")
        count = math.prod(shape)
        if serial or count < _NORMAL_BLOCK:
            return self._normal_pairs(count, mean, std, dtype).reshape(shape)
        return self._normal_blocks(count, mean, std, dtype).reshape(shape)

    def _normal_blocks(self, count, mean, std, dtype):
        wide = np.promote_types(dtype, np.float32).type
        mean, std = wide(mean), wide(std)

        def recipe(count):
            return _box_muller(self.fractions(count, wide), mean, std)

        rest = count % _NORMAL_BLOCK
        if not rest:
            return _in_blocks(count, dtype, recipe)
        drawn = np.empty(count, dtype)
        drawn[:-rest] = _in_blocks(count - rest, dtype, recipe)
        # The rest gets its uniforms, but then the last 16 are made anew. Only float16,
        # for which PyTorch draws block by block, does without.
        if dtype != np.float16:
            self.fractions(rest, wide)
        drawn[-_NORMAL_BLOCK:] = recipe(_NORMAL_BLOCK)
        return drawn

    def _normal_pairs(self, count, mean, std, dtype):
        drawn = np.empty(count)
        waiting = int(self._spare_normal is not None and count > 0)
        if waiting:
            drawn[0], self._spare_normal = self._spare_normal, None
        missing = count - waiting
        u = self.fractions(missing + missing % 2, np.float64)
        radius = np.sqrt(-2.0 * _c_library(math.log1p, -u[1::2]))
        angle = 2.0 * math.pi * u[0::2]
        sines = radius * _c_library(math.sin, angle)
        drawn[waiting::2] = radius * _c_library(math.cos, angle)
        drawn[waiting + 1 :: 2] = sines[: missing // 2]
        if missing % 2:
            self._spare_normal = float(sines[-1])
        return _narrow(fused_multiply_add(drawn, np.float64(std), mean), dtype)

    def exponential(self, size, rate=1.0, dtype=np.float32) -> np.ndarray:
        """Exponential with density rate*exp(-rate*x): -ln(1 - u)/rate, in float64."""
        dtype = _floating("exponential", dtype, RuntimeError)
        if not rate > 0:
            raise RuntimeError(f"exponential: expected rate > 0, got {rate}")

        def recipe(count):
            u = self.fractions(count, np.float64)
            return _narrow(-1.0 / rate * _c_library(math.log1p, -u), dtype)

        return _in_blocks(size, dtype, recipe)

    def bernoulli(self, p, size=None, dtype=None) -> np.ndarray:
        """1 with probability p, else 0: u < p.

        A number p needs a `size`; u then has 53 bits, and the default dtype is float32.
        An array p gives the shape and the default dtype; u has 53 bits if p is float64,
        else 24.
        """
        if isinstance(p, np.ndarray):
            precision = np.promote_types(_floating("bernoulli", p.dtype), np.float32)
            if not np.all((p >= 0) & (p <= 1)):
                raise RuntimeError("bernoulli: expected 0 <= p <= 1 everywhere")
            u = _in_blocks(p.shape, precision, lambda n: self.fractions(n, precision))
            return (u < p).astype(dtype or p.dtype)
        if not 0 <= p <= 1:
            raise RuntimeError(f"bernoulli: expected 0 <= p <= 1, got {p}")
        return _in_blocks(
            size,
            dtype or np.float32,
            lambda n: self.fractions(n, np.float64) < float(p),
        )

    def randint(self, low, high, size, dtype=np.int64) -> np.ndarray:
        """Integers in [low, high): low + word % (high - low).

        From a range of 2^28 on the word has 64 bits. A floating dtype takes integers up
        to the last that it can count to.

        Raises: ValueError if a bound does not fit into int64.
        """
        low, high = operator.index(low), operator.index(high)
        if not -(2**63) <= low <= 2**63 - 1 >= high >= -(2**63):
            raise ValueError(f"randint: beyond int64, low={low}, high={high}")
        least, most = _range("randint", dtype)
        if not (least <= low < high <= most + 1):
            raise RuntimeError(
                f"randint: expected low < high in the range of {np.dtype(dtype)}, "
                f"got low={low}, high={high}"
            )
        span = high - low

        def recipe(count):
            if span < _LONG_RANGE:
                return self.words(count) % np.uint32(span) + np.int64(low)
            return (self.long_words(count) % np.uint64(span)).view(np.int64) + low

        return _in_blocks(size, dtype, recipe)

    def random(self, size, dtype=np.int64) -> np.ndarray:
        """Integers from 0 to the last that the dtype can count to, as `random_()`."""
        count = _range("random", dtype)[1] + 1
        if count > 2**63 or np.dtype(dtype) in (np.uint16, np.uint32):
            raise NotImplementedError(f"random: no numbers of {np.dtype(dtype)}")

        def recipe(n):
            if np.dtype(dtype).itemsize == 8:
                return self.long_words(n) % np.uint64(count)
            return self.words(n) % np.uint32(count)

        return _in_blocks(size, dtype, recipe)

    def randperm(self, n: int) -> np.ndarray:
        """The numbers 0 ... n-1 in random order (int64), by Fisher and Yates (1938).

        Step i swaps places i and j = i + word % (n - i), so place i ends with what was
        in place j. There the latest earlier step k that chose j had put what was in
        place k; without such a step, place j holds j. In place k, in turn, the latest
        step before k that chose k had put what it held, and so on back: a chain for
        each place, and doubling follows all the chains at once.

        Raises: NotImplementedError for n of 214,748,364 and more.
        """
        (n,) = _shape(operator.index(n))
        if n >= _LONG_PERMUTATION:
            raise NotImplementedError(f"randperm: n={n} is too long")
        step = np.arange(max(n - 1, 0))
        chosen = step + self.words(step.size) % (n - step).astype(np.uint32)

        origin = np.arange(n)
        swaps = chosen > step
        origin[chosen[swaps]] = step[swaps]  # of equal choices, the latest stays
        while not np.array_equal(origin, further := origin[origin]):
            origin = further

        # Sorted by place, then by step: equal choices become neighbours.
        ordered = np.sort(chosen << 32 | step)
        place, chooser = ordered >> 32, ordered & (2**32 - 1)
        again = np.flatnonzero(place[1:] == place[:-1]) + 1
        result = origin.copy()  # which is right for the last place, that no step fills
        result[chooser] = place
        result[chooser[again]] = origin[chooser[again - 1]]
        return result

    def multinomial(self, probabilities, num_samples, replacement=False) -> np.ndarray:
        """Indices drawn with the weights `probabilities`: (C,) or (N, C) -> (..., k).

        With replacement: where a uniform falls among the cumulated weights. Without it,
        and for k = 1: the k largest p/q with q exponential, which is the Gumbel trick
        without its logarithm. Equal p/q, as all those with p = 0, come in the order of
        their indices; PyTorch leaves that open.
        """
        p, k = np.asarray(probabilities), operator.index(num_samples)
        _check_multinomial(p, k, replacement)
        if replacement and k > 1:
            drawn = [self._fall(row, k) for row in p.reshape(-1, p.shape[-1])]
            return np.array(drawn, np.int64).reshape(*p.shape[:-1], k)
        q, flat = empty_in_memory_order(p)
        flat[...] = self.exponential(p.size, dtype=p.dtype)
        return np.argsort(-(p / q), axis=-1, kind="stable")[..., :k]

    def _fall(self, weights, count):
        precision = np.promote_types(weights.dtype, np.float32)
        cumulated = np.cumsum(weights, dtype=precision)
        cumulated /= cumulated[-1]
        u = _in_blocks(count, np.float64, lambda n: self.fractions(n, np.float64))
        return np.searchsorted(cumulated.astype(np.float64), u)


def _in_blocks(size, dtype, recipe):
    """A new array, filled block by block with `recipe(count)`."""
    drawn = np.empty(_shape(size), dtype)
    flat = drawn.reshape(-1)
    for start in range(0, flat.size, _BLOCK):
        block = flat[start : start + _BLOCK]
        block[...] = recipe(block.size)
    return drawn


def _box_muller(u, mean, std):
    """16 uniforms, 8 for radii and 8 for angles, become 8 cosines and 8 sines."""
    u = u.reshape(-1, 2, _NORMAL_BLOCK // 2)
    u1, angle = 1 - u[:, 0], u.dtype.type(2 * math.pi) * u[:, 1]
    if u.dtype == np.float32:
        logarithm = log_float32(u1)
        sine, cosine = sincos_float32(angle)
    else:
        logarithm = _c_library(math.log, u1)
        sine, cosine = _c_library(math.sin, angle), _c_library(math.cos, angle)
    radius = np.sqrt(-2 * logarithm)
    standard = np.stack([radius * cosine, radius * sine], axis=1).reshape(-1)
    return fused_multiply_add(standard, std, mean)


def _c_library(function, x):
    """`function`, which Python takes from the C library, of each element (float64)."""
    values = map(function, x.ravel().tolist())
    return np.fromiter(values, np.float64, x.size).reshape(x.shape)


def _narrow(x, dtype):
    """float64 to dtype; to float16 by way of float32, as PyTorch converts."""
    return x.astype(np.promote_types(dtype, np.float32)).astype(dtype, copy=False)


# Checks of arguments.


def _shape(size):
    sizes = (size,) if isinstance(size, (int, np.integer)) else size
    try:
        shape = tuple(operator.index(n) for n in sizes)
    except TypeError:
        raise TypeError(f"size: expected an int or ints, got {size!r}") from None
    if any(n < 0 for n in shape):
        raise RuntimeError(f"size: expected no negative number, got {size!r}")
    return shape


def _floating(name, dtype, error=NotImplementedError):
    dtype = np.dtype(dtype)
    if dtype not in (np.float16, np.float32, np.float64):
        raise error(f"{name}: expected float16, float32 or float64, got {dtype}")
    return dtype


def _range(name, dtype):
    """The least and the last integer to which a dtype can count without a gap."""
    dtype = np.dtype(dtype)
    if dtype == np.bool_:
        return 0, 1
    if np.issubdtype(dtype, np.integer):
        return int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
    last = 2 ** (np.finfo(_floating(name, dtype)).nmant + 1)
    return -last, last


def _check_multinomial(p, k, replacement):
    _floating("multinomial", p.dtype, RuntimeError)
    if p.ndim not in (1, 2):
        raise RuntimeError(f"multinomial: expected 1 or 2 dimensions, got {p.ndim}")
    if k <= 0 or p.shape[-1] == 0 or (k > p.shape[-1] and not replacement):
        raise RuntimeError(f"multinomial: cannot draw {k} of {p.shape[-1]} categories")
    if not np.all((p >= 0) & (p < np.inf)) or not np.all(p.sum(axis=-1) > 0):
        raise RuntimeError(
            "multinomial: expected finite probabilities >= 0, not all of them 0"
        )
