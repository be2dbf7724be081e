"""Mistakes in convolutions and pooling."""

import numpy as np

from twofold.compare.concepts.selftest import Plant, patch
from twofold.scratch.kernels import pool
from twofold.scratch.kernels.window import Adapting, along
from twofold.scratch.nn import conv, pooling

MINE = "mine: backward"
OTHER = "different functions"


def _flipped(what: str):
    """`conv.<what>` with the kernel flipped, as in a convolution of mathematicians."""
    right = getattr(conv, what)

    def wrong(x, W, *others):
        return right(x, np.flip(W, range(2, W.ndim)), *others)

    return patch(conv, what, wrong)


def _odd_one_first():
    """`padding="same"` with the odd one of an even kernel before the input."""
    right = conv.Conv2d._pads

    def wrong(self, how):
        return [(after, before) for before, after in right(self, how)]

    return patch(conv.Conv2d, "_pads", wrong)


def _padded_as_if_same():
    """Padding that makes ceil(n / stride) outputs, the odd one at the end."""
    right = conv.Conv2d._pads

    def wrong(self, how):
        if isinstance(self.padding, str) or max(self.stride) == 1:
            return right(self, how)
        return [(max(0, n - 1), n + (n > 0)) for n in self.padding]

    return patch(conv.Conv2d, "_pads", wrong)


def _override_ignored():
    right = pooling.AvgPool2d._divisor

    def wrong(self, windows, dtype):
        override, self.divisor_override = self.divisor_override, None
        divisor = right(self, windows, dtype)
        self.divisor_override = override
        return divisor

    return patch(pooling.AvgPool2d, "_divisor", wrong)


def _all_winners(x, y, by_axis):
    """Every number that equals the largest gets the gradient."""
    for seen, out, _ in _right_winners(x, y, by_axis):
        yield seen, out, x[seen] == y[out]


_right_winners = pool.winners


def _overwritten(dy, windows):
    """Where windows overlap, the last one's gradient replaces the others'."""
    for axis, window in reversed([*enumerate(windows, start=2)]):
        shape = *dy.shape[:axis], window.length, *dy.shape[axis + 1 :]
        dx = np.zeros(shape, dy.dtype)
        for out, seen in window.taps():
            dx[along(axis, seen)] = dy[along(axis, out)]
        dy = dx
    return dy


def _equal_windows(self):
    """A fixed stride L // M, and windows of what is left for the last one."""
    stride = self.length // max(self.out, 1)
    kernel = self.length - (self.out - 1) * stride
    return [(o * stride, o * stride + kernel) for o in range(self.out)]


PLANTS = [
    Plant(
        "a flipped kernel",
        "convolution in the sense of mathematics",
        ("nn.Conv2d",),
        lambda: _flipped("convolve"),
        "output",
        OTHER,
    ),
    Plant(
        "the kernel not flipped on the way back",
        "dx as a convolution of dy with the kernel as it is",
        ("nn.Conv1d",),
        lambda: _flipped("input_gradient"),
        "grad of input",
        MINE,
    ),
    Plant(
        "the odd one of same padding before the input",
        "even kernels hide in frameworks that pad the other way",
        ("nn.Conv2d",),
        _odd_one_first,
        "output",
        OTHER,
    ),
    Plant(
        "asymmetric padding at stride 2",
        "pytorch#67551",
        ("nn.Conv2d",),
        _padded_as_if_same,
        "output",
        OTHER,
    ),
    Plant(
        "divisor_override ignored",
        "executorch PR#18616",
        ("nn.AvgPool2d",),
        _override_ignored,
        "output",
        OTHER,
    ),
    Plant(
        "of equal numbers each gets the whole gradient",
        "max pooling by a mask of x == y",
        ("nn.MaxPool2d",),
        lambda: patch(pool, "winners", _all_winners),
        "grad of input",
    ),
    Plant(
        "gradients of overlapping windows overwritten",
        "a way back that assigns instead of adding",
        ("nn.AvgPool2d",),
        lambda: patch(pooling, "spread", _overwritten),
        "grad of input",
        MINE,
    ),
    Plant(
        "adaptive pooling with windows of one size",
        "a kernel and a stride worked out from both sizes, as for an export",
        ("nn.AdaptiveAvgPool1d",),
        lambda: patch(Adapting, "_ends", _equal_windows),
        "output",
        OTHER,
    ),
]
