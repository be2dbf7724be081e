"""How far two tensors are apart, added up block by block.

Differences of float16, bfloat16 and float32 are taken in float32, where they are exact
or off by one rounding of themselves; all others in float64. Sums of squares are joined
as norms, which neither overflow nor vanish. Integers and booleans are also compared as
they are: above 2^53 float64 cannot tell neighbours apart.
"""

import math
from dataclasses import dataclass, field

import numpy as np

from .numerics import Size

SQUARES = {"float32": (1e-26, 1e37), "float64": (1e-280, 1e300)}
"""Sums of squares between these neither overflowed nor lost much to underflow."""


@dataclass
class Tally:
    """What is known of a - b and of b after some of their blocks.

    Real and imaginary part count singly. `misplaced` counts NaN and infinities that
    stand on one side alone, by what they are; they count as unequal, and beyond that
    whatever is not finite is left out. `at` is the first misplaced element, or else the
    one that differs most.
    """

    size: int
    difference: Size = field(default_factory=Size)
    base: Size = field(default_factory=Size)
    unequal: int = 0
    misplaced: dict[str, int] = field(default_factory=dict)
    at: int | None = None
    room: np.ndarray | None = None

    def add(self, start: int, a: np.ndarray, b: np.ndarray) -> None:
        """Add the elements from `start` on."""
        parts = 1
        if "c" in (a.dtype.kind, b.dtype.kind):
            a, b = (x.astype(np.complex128).view(np.float64) for x in (a, b))
            parts = 2
        with np.errstate(all="ignore"):  # what is not finite is looked at on its own
            self |= self._block(parts, start, a, b)

    def _block(self, parts: int, start: int, a, b) -> "Tally":
        found = Tally(self.size)
        narrow = all(x.dtype.kind == "f" and x.dtype.itemsize <= 4 for x in (a, b))
        dtype = np.float32 if narrow else np.float64
        x, y = a.astype(dtype, copy=False), b.astype(dtype, copy=False)
        gap = self._room(dtype, x.size)
        np.abs(np.subtract(x, y, out=gap), out=gap)
        if "f" not in (a.dtype.kind, b.dtype.kind):
            np.maximum(gap, a != b, out=gap)
        peak = float(gap.max())
        if not math.isfinite(peak):
            x, y, lost = found._set_aside(x.astype(np.float64), y.astype(np.float64))
            gap = np.abs(x - y)
            peak = float(gap.max())
            found.unequal = int(np.count_nonzero(lost))
            if found.unequal:
                found.at = start + int(lost.argmax()) // parts
        if peak > 0:
            found.unequal += int(np.count_nonzero(gap != 0))
            if found.at is None and peak > self.difference.peak:
                found.at = start + int(gap.argmax()) // parts
        found.difference = _size(gap, peak, parts * self.size)
        largest = max(float(y.max()), -float(y.min()))
        found.base = _size(y, largest, parts * self.size)
        return found

    def _room(self, dtype, size: int) -> np.ndarray:
        """The same memory for every block: fresh pages cost as much as the numbers."""
        if self.room is None or self.room.dtype != dtype or self.room.size < size:
            self.room = np.empty(size, dtype)
        return self.room[:size]

    def _set_aside(self, x, y):
        """Both with equal numbers where either is not finite, and what is misplaced."""
        nan_x, nan_y = np.isnan(x), np.isnan(y)
        finite = np.isfinite(x) & np.isfinite(y)
        places = {
            "NaN on A alone": nan_x & ~nan_y,
            "NaN on B alone": nan_y & ~nan_x,
            "an infinity on one side": ~(nan_x | nan_y | finite) & (x != y),
        }
        for what, where in places.items():
            if where.any():
                self.misplaced[what] = int(np.count_nonzero(where))
        y = np.where(np.isfinite(y), y, 0)
        return np.where(finite, x, y), y, np.logical_or.reduce(list(places.values()))

    def __ior__(self, other: "Tally"):
        if self._less_telling(other):
            self.at = other.at
        self.difference = _join(self.difference, other.difference)
        self.base = _join(self.base, other.base)
        self.unequal += other.unequal
        for what, count in other.misplaced.items():
            self.misplaced[what] = self.misplaced.get(what, 0) + count
        return self

    def _less_telling(self, other: "Tally") -> bool:
        if self.misplaced or other.misplaced:
            return not self.misplaced
        return other.difference.peak > self.difference.peak


def _join(a: Size, b: Size) -> Size:
    return Size(math.hypot(a.rms, b.rms), max(a.peak, b.peak))


def _size(x: np.ndarray, peak: float, total: int) -> Size:
    """The part of `x` in the RMS of all `total` elements, and its largest magnitude."""
    if peak == 0 or not math.isfinite(peak):
        return Size(peak, peak)
    least, most = SQUARES[x.dtype.name]
    square, scale = float(np.dot(x, x)), 1.0
    if not least < square < most:
        x, scale = x / peak, peak
        square = float(np.dot(x, x))
    return Size(scale * math.sqrt(square / total), peak)
