"""Where windows lie that slide over 1, 2 or more dimensions, as slices of the input.

Below the layers because loops over the few places within a window, with a slice for
each, are what makes pooling and folding fast; and because all of them count alike.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np


def wide(dtype: np.dtype) -> np.dtype:
    """The dtype to add in: float32 for float16."""
    return np.promote_types(dtype, np.float32)


@dataclass(frozen=True)
class Sliding:
    """A window along one dimension of `length` numbers, `padding` before and after it.

    Output $o$ sees the numbers $os - p + kd$ for $k = 0, ..., K - 1$, as far as they
    are there. With `ceil_mode` a window may go beyond the padding, if it starts before.
    """

    length: int
    kernel: int
    stride: int
    padding: int = 0
    dilation: int = 1
    ceil_mode: bool = False

    @property
    def out(self) -> int:
        """How many windows there are."""
        room = self.length + 2 * self.padding - self.dilation * (self.kernel - 1) - 1
        if not self.ceil_mode:
            return room // self.stride + 1
        last = -(-room // self.stride)
        return last + (last * self.stride < self.length + self.padding)

    def taps(self) -> Iterator[tuple[slice, slice]]:
        """For each k, the outputs that have a number there, and these numbers."""
        for k in range(self.kernel):
            ahead = k * self.dilation - self.padding
            first = max(0, -(ahead // self.stride))
            end = min(self.out, (self.length - 1 - ahead) // self.stride + 1)
            end = max(end, first)
            start = first * self.stride + ahead
            stop = start + (end - first - 1) * self.stride + 1
            yield slice(first, end), slice(start, max(stop, start), self.stride)

    def spans(self) -> list[slice]:
        """For each output, the numbers that it sees."""
        reach = self.dilation * (self.kernel - 1) + 1
        starts = [o * self.stride - self.padding for o in range(self.out)]
        return [
            slice(s if s >= 0 else s % self.dilation, s + reach, self.dilation)
            for s in starts
        ]

    def counts(self, include_pad: bool) -> np.ndarray:
        """How many numbers each window covers, with the padding or without."""
        start = np.arange(self.out) * self.stride - self.padding
        end = np.minimum(start + self.kernel, self.length + self.padding)
        if not include_pad:
            start, end = np.maximum(start, 0), np.minimum(end, self.length)
        return end - start


@dataclass(frozen=True)
class Adapting:
    """So many windows as are wanted, `out`, along one dimension of `length` numbers.

    Output $o$ of $M$ sees the numbers from $\\lfloor o L / M \\rfloor$ to before
    $\\lceil (o + 1) L / M \\rceil$: windows that touch or overlap, and differ in size.
    """

    length: int
    out: int

    def taps(self) -> Iterator[tuple[slice, slice]]:
        """As those of `Sliding`.

        With $g$ the common divisor of $L$ and $M$, the windows repeat: from $o$ to
        $o + M / g$ they move by $L / g$. So each of the first $M / g$ slides.
        """
        if not self.out:
            return
        common = math.gcd(self.length, self.out)
        period, stride = self.out // common, self.length // common
        for first, (start, end) in enumerate(self._ends()[:period]):
            for i in range(start, end):
                stop = i + (common - 1) * stride + 1
                yield slice(first, self.out, period), slice(i, stop, stride)

    def spans(self) -> list[slice]:
        """As those of `Sliding`."""
        return [slice(start, end) for start, end in self._ends()]

    def counts(self, include_pad: bool) -> np.ndarray:
        """How many numbers each window covers; there is no padding."""
        return np.array([end - start for start, end in self._ends()], np.int64)

    def _ends(self) -> list[tuple[int, int]]:
        n, m = self.length, self.out
        return [(o * n // m, -((-o - 1) * n // m)) for o in range(m)]


def along(axis: int, *slices: slice) -> tuple:
    """An index with these slices from `axis` on, and all of what comes before."""
    return (slice(None),) * axis + slices
