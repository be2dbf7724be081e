"""How far two tensors are apart, added up block by block.

Differences of float16, bfloat16 and float32 are taken in float32, where they are exact
or off by one rounding of themselves; all others in float64. Sums of squares are joined
as norms, which neither overflow nor vanish. Integers and booleans are also compared as
they are: above 2^53 float64 cannot tell neighbours apart.
"""

import math
from dataclasses import dataclass, field

import numpy as np

from ..numerics.sizes import Size

SQUARES = {"float32": (1e-26, 1e37), "float64": (1e-280, 1e300)}
"""Sums of squares between these neither overflowed nor lost much to underflow."""


@dataclass
class Tally:
    """What is known of a - b and of b, two tensors of `size` elements, so far.

    Real and imaginary part are two numbers of one element. `misplaced` counts NaN and
    infinities that stand on one side alone, by what they are; they count as unequal,
    and beyond that whatever is not finite is left out. `at` is the first misplaced
    element, or else the one that differs most.
    """

    size: int
    rms: float = 0.0
    peak: float = 0.0
    base_rms: float = 0.0
    base_peak: float = 0.0
    unequal: int = 0
    misplaced: dict[str, int] = field(default_factory=dict)
    at: int | None = None
    rooms: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def difference(self) -> Size:
        return Size(self.rms, self.peak)

    @property
    def base(self) -> Size:
        return Size(self.base_rms, self.base_peak)

    def add(self, start: int, a: np.ndarray, b: np.ndarray) -> None:
        """Add the elements from `start` on."""
        parts = 1
        if "c" in (a.dtype.kind, b.dtype.kind):
            a, b = (x.astype(np.complex128).view(np.float64) for x in (a, b))
            parts = 2
        with np.errstate(all="ignore"):  # what is not finite is looked at on its own
            self._add_block(parts, start, a, b)

    def _add_block(self, parts: int, start: int, a, b) -> None:
        narrow = all(x.dtype.kind == "f" and x.dtype.itemsize <= 4 for x in (a, b))
        dtype = np.float32 if narrow else np.float64
        x, y = self._cast("a", a, dtype), self._cast("b", b, dtype)
        gap = self._room("gap", dtype, x.size)
        np.abs(np.subtract(x, y, out=gap), out=gap)
        if "f" not in (a.dtype.kind, b.dtype.kind):
            np.maximum(gap, a != b, out=gap)
        peak = float(gap.max())
        if not math.isfinite(peak):
            wide = x.astype(np.float64), y.astype(np.float64)
            x, y = self._set_aside(parts, start, *wide)
            gap = np.abs(x - y)
            peak = float(gap.max())
        if peak > 0:
            self.unequal += int(np.count_nonzero(gap != 0))
            self.rms = math.hypot(self.rms, _share(gap, peak, self.size))
        if peak > self.peak:
            self.peak = peak
            if not self.misplaced:
                self.at = start + int(gap.argmax()) // parts
        largest = max(float(y.max()), -float(y.min()))
        self.base_rms = math.hypot(self.base_rms, _share(y, largest, self.size))
        self.base_peak = max(self.base_peak, largest)

    def _cast(self, what: str, x: np.ndarray, dtype) -> np.ndarray:
        if x.dtype == dtype:
            return x
        room = self._room(what, dtype, x.size)
        np.copyto(room, x, casting="same_kind")
        return room

    def _room(self, what: str, dtype, size: int) -> np.ndarray:
        """The same memory for every block: fresh pages cost as much as the numbers."""
        if what not in self.rooms or self.rooms[what].size < size:
            self.rooms[what] = np.empty(size, dtype)
        return self.rooms[what][:size]

    def _set_aside(self, parts: int, start: int, x, y):
        """Count what is misplaced; both with equal numbers where either is no number.

        In `y` alone a number stays: it is part of the size of b.
        """
        nan_x, nan_y = np.isnan(x), np.isnan(y)
        finite = np.isfinite(x) & np.isfinite(y)
        places = {
            "NaN on A alone": nan_x & ~nan_y,
            "NaN on B alone": nan_y & ~nan_x,
            "an infinity on one side": ~(nan_x | nan_y | finite) & (x != y),
        }
        lost = np.logical_or.reduce(list(places.values()))
        if lost.any() and not self.misplaced:
            self.at = start + int(lost.argmax()) // parts
        self.unequal += int(np.count_nonzero(lost))
        self._count({what: int(where.sum()) for what, where in places.items()})
        y = np.where(np.isfinite(y), y, 0)
        return np.where(finite, x, y), y

    def _count(self, misplaced: dict[str, int]) -> None:
        for what, count in misplaced.items():
            if count:
                self.misplaced[what] = self.misplaced.get(what, 0) + count

    def __ior__(self, later: "Tally"):
        """Join the tally of elements further on."""
        worse = bool(later.misplaced) or later.peak > self.peak
        if worse and not self.misplaced:
            self.at = later.at
        self.rms = math.hypot(self.rms, later.rms)
        self.peak = max(self.peak, later.peak)
        self.base_rms = math.hypot(self.base_rms, later.base_rms)
        self.base_peak = max(self.base_peak, later.base_peak)
        self.unequal += later.unequal
        self._count(later.misplaced)
        return self


def _share(x: np.ndarray, peak: float, total: int) -> float:
    """The RMS of `total` elements, if all but those of `x` were zero."""
    if peak == 0 or not math.isfinite(peak):
        return peak
    least, most = SQUARES[x.dtype.name]
    square, scale = float(np.dot(x, x)), 1.0
    if not least < square < most:
        x, scale = x / peak, peak
        square = float(np.dot(x, x))
    return scale * math.sqrt(square / total)
