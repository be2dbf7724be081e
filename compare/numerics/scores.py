"""A difference in units of what rounding explains, and the one limit of the project."""

from dataclasses import dataclass

from .sizes import Size

LIMIT = 16.0
"""The one limit of the project, on the RMS score."""

PEAK_LIMIT = 64.0
"""The limit on the max-norm twin.

In 1,056 draws of correct code over all concepts (71,000 scores) it came to at most 5.9,
as the RMS score did; the largest of a million errors is a few times their RMS.
"""


@dataclass(frozen=True)
class Score:
    """A difference in units of what rounding explains, in both norms."""

    rms: float = 0.0
    peak: float = 0.0

    @property
    def value(self) -> float:
        """One number to compare with `LIMIT`: the norm that comes closer to failing."""
        return max(self.rms, self.peak * (LIMIT / PEAK_LIMIT))

    @property
    def ok(self) -> bool:
        return self.value <= LIMIT


def score(difference: Size, explained: Size) -> Score:
    return Score(
        _ratio(difference.rms, explained.rms), _ratio(difference.peak, explained.peak)
    )


def _ratio(difference: float, explained: float) -> float:
    if difference == 0:
        return 0.0
    return difference / explained if explained > 0 else float("inf")
