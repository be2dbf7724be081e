"""The report on a kernel: that of any pair, and what the candidate did beside."""

from dataclasses import dataclass, field

from ...report.report import Report


@dataclass(repr=False)
class KernelReport(Report):
    """A `Report`; its cause may also be "mine: conduct" or "mine: no result".

    `operations` counts what the candidate called of torch, "forward" and "backward";
    `printed` is the beginning of what it printed; `visible` the smallest relative error
    that would have been seen in every tensor, None where nothing was compared.
    """

    operations: dict[str, dict[str, int]] = field(default_factory=dict)
    printed: str = ""
    visible: float | None = None

    def line(self) -> dict:
        """What a machine needs to know."""
        return {
            "verdict": self.verdict,
            "first": self.first,
            "cause": self.cause,
            "command": self.command,
            "smallest_visible_error": self.visible,
        }

    def to_json(self) -> dict:
        return {
            **super().to_json(),
            "operations": self.operations,
            "printed": self.printed,
            "smallest_visible_error": self.visible,
        }
