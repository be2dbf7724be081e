"""What a dtype can hold: its rounding, its digits, its smallest number.

NumPy has no bfloat16 of its own. Its numbers are held here as those of float32 of which
only 8 digits are used; `Precision.storage` says in which dtype.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np


@dataclass(frozen=True)
class Precision:
    """A floating dtype. `roundoff` is u, half the machine epsilon: the largest relative
    error of one rounding. Numbers below `vanishing` may be taken for 0."""

    name: str
    roundoff: float
    vanishing: float
    storage: np.dtype

    @property
    def digits(self) -> int:
        """Binary digits of its numbers, p = -log2 u."""
        return round(-np.log2(self.roundoff))

    def rounded(self, x: np.ndarray) -> np.ndarray:
        """Each number rounded once to this precision, ties to even."""
        if x.dtype.kind == "c":
            return x.astype(np.result_type(self.storage, np.complex64))
        x = x.astype(self.storage)
        return to_bfloat16(x) if self.name == BFLOAT16 else x


BFLOAT16 = "bfloat16"
_BFLOAT16 = Precision(BFLOAT16, 2.0**-8, 2.0**-126, np.dtype(np.float32))


def precision(dtype) -> Precision:
    """Of a dtype of NumPy's or torch's, or of its name.

    Raises ValueError for what is no floating dtype known here.
    """
    name = dtype if isinstance(dtype, str) else getattr(dtype, "name", None) or dtype
    name = str(getattr(name, "__name__", name)).removeprefix("torch.")
    found = _precision(SYNONYMS.get(name, name))
    if found is None:
        known = ", ".join(KNOWN)
        raise ValueError(f"dtype: one of {known} was expected, got {name}")
    return found


SYNONYMS = {
    "double": "float64",
    "float": "float32",
    "half": "float16",
    "complex128": "float64",
    "complex64": "float32",
}
KNOWN = ("float64", "float32", "float16", BFLOAT16)


@cache
def _precision(name: str) -> Precision | None:
    if name == BFLOAT16:
        return _BFLOAT16
    if name not in KNOWN:
        return None
    info = np.finfo(name)
    # Below the smallest normal number a processor has fewer digits, and vector code
    # often none. float16 is computed in float32, which has all of its small numbers.
    small = info.smallest_subnormal if info.bits == 16 else info.smallest_normal
    return Precision(name, float(info.eps) / 2, float(small), np.dtype(name))


def unit_roundoff(dtype) -> float:
    """u, half the machine epsilon: the largest relative error of one rounding."""
    return precision(dtype).roundoff


def working_precision(dtype) -> Precision:
    """The precision of stage 2; of a float64 run, the one below it."""
    found = precision(dtype)
    return precision(np.float32) if found.name == "float64" else found


def to_bfloat16(x: np.ndarray) -> np.ndarray:
    """float32 numbers rounded to 8 digits, ties to even: what is added before the lower
    16 bits are cut off carries into the upper ones where it rounds up."""
    bits = np.ascontiguousarray(x, np.float32).view(np.uint32)
    odd = (bits >> np.uint32(16)) & np.uint32(1)
    rounded = (bits + np.uint32(0x7FFF) + odd) & np.uint32(0xFFFF0000)
    rounded = np.where(np.isfinite(x), rounded, bits & np.uint32(0xFFFF0000))
    found = rounded.view(np.float32).reshape(np.shape(x))
    return np.where(np.isnan(x), np.float32(np.nan), found)
