"""Every argument of the float32 polynomials behind the normals, not a sample."""

import numpy as np
import torch

from twofold.scratch._mathfun import log_float32, sincos_float32
from twofold.scratch.random import Generator

from .spec import POLYNOMIALS, Row, bits

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
    radii = _same(cosines, _radius(words)) & _same(sines, 0 * cosines)
    cosines, sines = _led(others, words)
    sine, cosine = sincos_float32(np.float32(2 * np.pi) * _fraction(words))
    radius = _radius(others)
    angles = _same(cosines, radius * cosine) & _same(sines, radius * sine)
    return Row(
        "normal, every argument",
        "float32",
        0,
        2 * words.size,
        int(radii.sum() + angles.sum()),
        2,
        int(radii.all()) + int(angles.all()),
        POLYNOMIALS,
    )


def _fraction(words):
    return words.astype(np.float32) * np.float32(2.0**-24)


def _radius(words):
    return np.sqrt(np.float32(-2) * log_float32(1 - _fraction(words)))


def _same(a, b):
    zero = np.float32(0)  # adding the mean makes +0 of -0
    return bits(a + zero) == bits(b + zero)


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
