"""Float32 arithmetic as PyTorch's x86-64 kernels do it, to the last bit.

PyTorch's vectorised normal generator does not call the C library: its logarithm,
sine and cosine are single-precision polynomials, evaluated with fused multiply-adds
(`a*b + c` with one rounding). NumPy has neither, so both are written out here.

The polynomials are those of Cephes (Stephen L. Moshier, 1984-1992), in the order of
operations of avx_mathfun.h (Giovanni Garberoglio, 2012), which PyTorch ships and which
rests on sse_mathfun.h (Julien Pommier, 2007; zlib licence). This is an altered version:
NumPy instead of AVX, and only the arguments that a generator can produce.
"""

import numpy as np

# log(1 + x) = x - x^2/2 + x^3 P(x); the highest power comes first.
_LOG = np.float32(
    [
        7.0376836292e-2,
        -1.1514610310e-1,
        1.1676998740e-1,
        -1.2420140846e-1,
        1.4249322787e-1,
        -1.6668057665e-1,
        2.0000714765e-1,
        -2.4999993993e-1,
        3.3333331174e-1,
    ]
)
# ln 2 = 355/512 - 2.1e-4: an exponent times the first part is exact in float32.
_LN2_HIGH, _LN2_LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)
_SQRT_HALF = np.float32(0.707106781186547524)

# sin x = x + x^3 S(x^2) and cos x = 1 - x^2/2 + x^4 C(x^2), for |x| <= pi/4.
_SIN = np.float32([-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1])
_COS = np.float32([2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2])
# -pi/4 in three parts, so that x - k*pi/4 loses nothing (Cody and Waite, 1980).
_MINUS_QUARTER_PI = np.float32(
    [-0.78515625, -2.4187564849853515625e-4, -3.77489497744594108e-8]
)
_FOUR_OVER_PI = np.float32(1.27323954473516)

_MANTISSA_BITS, _HALF_EXPONENT, _HALF_BITS = 23, 126, 0x3F000000


def _fma(a, b, c):
    """Float32 `a*b + c` with one rounding, by way of float64 (`a` or `b` is float64).

    The product of two float32 numbers is exact in float64. In every step below the
    sum is exact as well, or so close to `c` that rounding it twice changes nothing;
    both functions were compared with correctly rounded steps on all 2^24 arguments.
    """
    return (a * b + c).astype(np.float32)


def log_float32(u):
    """Natural logarithm of float32 numbers in [2^-24, 1], as `log256_ps` has it.

    u = 2^e (1 + x) with sqrt(1/2) <= 1 + x < sqrt(2), so log u = e ln 2 + log(1 + x).
    """
    bits = u.view(np.int32)
    mantissa_mask = (1 << _MANTISSA_BITS) - 1
    mantissa = ((bits & mantissa_mask) | _HALF_BITS).view(np.float32)
    below = mantissa < _SQRT_HALF
    x = mantissa - np.float32(1) + mantissa * below
    e = (bits >> _MANTISSA_BITS).astype(np.float32) - (
        np.float32(_HALF_EXPONENT) + below
    )

    wide, squared = x.astype(np.float64), x * x
    y = _LOG[0]
    for coefficient in _LOG[1:]:
        y = _fma(wide, y, coefficient)
    y = _fma((y * x).astype(np.float64), squared, e * _LN2_LOW)
    y -= np.float32(0.5) * squared
    return e * _LN2_HIGH + (x + y)


def sincos_float32(theta):
    """Sine and cosine of float32 angles in [0, 2 pi], as `sincos256_ps` has them.

    theta = k pi/4 + x with k even and |x| <= pi/4: k says which polynomial and sign.
    """
    k = ((theta * _FOUR_OVER_PI).astype(np.int32) + 1) & ~1
    wide, x = k.astype(np.float64), theta
    for part in _MINUS_QUARTER_PI:
        x = _fma(wide, part, x)

    squared = x * x
    wide = squared.astype(np.float64)
    sine = _fma(_fma(wide, _SIN[0], _SIN[1]), wide, _SIN[2]) * squared
    sine = _fma(x.astype(np.float64), sine, x)
    cosine = _fma(_fma(wide, _COS[0], _COS[1]), wide, _COS[2]) * squared
    cosine = _fma(wide, cosine, np.float32(-0.5) * squared) + np.float32(1)

    turned = (k & 2) != 0
    return (
        _negate_where(k & 4, np.where(turned, cosine, sine)),
        _negate_where((k + 2) & 4, np.where(turned, sine, cosine)),
    )


def _negate_where(four, values):
    """Flip the sign where `four` is 4 (its bit 2 becomes bit 31), leave it where 0."""
    return (values.view(np.int32) ^ (four << 29)).view(np.float32)


def fused_multiply_add(a, b, c):
    """`a*b + c` rounded once, for an array `a` and scalars `b`, `c` of its dtype.

    `a` is float32 or float64. NumPy would round the product, then the sum. Here both
    are kept with their errors, and the one rounding is prepared by rounding to odd,
    after which no second rounding can go wrong (Boldo and Melquiond, "Emulation of a
    FMA and correctly rounded sums", 2008). Float64 products must stay below 2^996.
    """
    if c == 0:
        return a * b + c  # nothing to fuse, but -0 + 0 is +0
    if a.dtype == np.float32:
        exact = a.astype(np.float64) * np.float64(b)
        return _add_round_to_odd(exact, np.float64(c)).astype(np.float32)
    product, product_error = _two_product(a, b)
    low, low_error = _two_sum(product_error, c)
    high, high_error = _two_sum(product, low)
    return high + _add_round_to_odd(low_error, high_error)


def _two_sum(a, b):
    """(s, e) with s = a + b rounded and s + e = a + b exactly (Knuth, TAOCP 2)."""
    total = a + b
    b_part = total - a
    return total, (a - (total - b_part)) + (b - b_part)


def _two_product(a, b):
    """(p, e) with p = a*b rounded and p + e = a*b exactly (Dekker, 1971; float64)."""
    a_high, a_low = _split(a)
    b_high, b_low = _split(b)
    product = a * b
    error = a_high * b_high - product + a_high * b_low + a_low * b_high
    return product, error + a_low * b_low


def _split(a):
    """A float64 number as a sum of two of at most 26 bits (Veltkamp, 1968)."""
    scaled = a * np.float64(2**27 + 1)
    high = scaled - (scaled - a)
    return high, a - high


def _add_round_to_odd(a, b):
    """a + b in float64; an inexact sum becomes the neighbour whose last bit is 1."""
    total, error = _two_sum(a, b)
    bits = total.view(np.int64)
    wrong = (error != 0) & (bits & 1 == 0)
    if wrong.any():
        outwards = (error > 0) == (total > 0)
        bits += wrong * np.where(outwards, 1, -1)
    return total
