"""How big an array is, in two norms."""

from dataclasses import dataclass

import numpy as np

from .dtypes import precision

SQUARES = 1e-140, 1e140  # numbers whose squares neither vanish nor overflow


@dataclass(frozen=True)
class Size:
    """How big an array is: its root mean square and its largest magnitude."""

    rms: float = 0.0
    peak: float = 0.0

    @staticmethod
    def of(x: np.ndarray) -> "Size":
        x = np.asarray(parts(x), np.float64).reshape(-1)
        if not x.size:
            return Size()
        peak = max(float(x.max()), -float(x.min()))
        if peak == 0 or not np.isfinite(peak):
            return Size(abs(peak), abs(peak))
        low, high = SQUARES
        scale = 1.0 if low < peak < high else peak
        x = x if scale == 1.0 else x / scale
        return Size(scale * float(np.sqrt(x @ x / x.size)), peak)

    def __mul__(self, factor: float) -> "Size":
        return Size(self.rms * factor, self.peak * factor)

    def __or__(self, other: "Size") -> "Size":
        """The larger of both, norm by norm."""
        return Size(max(self.rms, other.rms), max(self.peak, other.peak))


def vanishing(dtype) -> Size:
    """Numbers so small that a library may take them for 0, for speed."""
    small = precision(dtype).vanishing
    return Size(small, small)


def parts(x: np.ndarray) -> np.ndarray:
    """Complex numbers as two real ones along a last axis; others as they are."""
    x = np.asarray(x)
    if x.dtype.kind != "c":
        return x
    return np.ascontiguousarray(x).view(x.real.dtype).reshape(*x.shape, 2)


def all_finite(x: np.ndarray) -> bool:
    """One pass where the sum tells it, which it does unless it overflows."""
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(x.sum())) or bool(np.isfinite(x).all())


def finite_difference(a, b, left_out=None) -> np.ndarray:
    """a - b in float64, 0 where either is not finite."""
    a, b = np.asarray(parts(a), np.float64), np.asarray(parts(b), np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        difference = np.asarray(a - b)
    if left_out is None and all_finite(difference):
        return difference
    both = np.isfinite(a) & np.isfinite(b)
    if left_out is not None:
        both &= ~left_out
    # Where the difference of two finite numbers overflows, it is as large as can be.
    largest = np.finfo(np.float64).max
    return np.where(both, np.clip(difference, -largest, largest), 0)


def finite_size(x: np.ndarray) -> Size:
    x = parts(x)
    return Size.of(x if all_finite(x) else np.where(np.isfinite(x), x, 0))
