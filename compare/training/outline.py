"""What a run of a lesson came to."""

from dataclasses import asdict, dataclass, field

from ..judge.row import Row
from ..report.report import Report
from .lesson import Settings
from .lockstep import Clock


@dataclass
class Outline:
    """The report of one training, or of a demonstration, and what is told beside it.

    `results` hold for each measure the value of each side; `equal` says in words what
    was bit-equal.
    """

    lesson: str
    settings: Settings
    report: Report
    variant: str = ""
    steps: int = 0
    results: dict[str, dict[str, float]] = field(default_factory=dict)
    equal: dict[str, str] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    clock: Clock = field(default_factory=Clock)
    judged_steps: int = 0  # how many single steps
    judged_until: int = 0  # the last checkpoint of the envelope
    diverged_at: int | None = None
    interrupted: bool = False

    @property
    def ok(self) -> bool:
        return self.report.ok

    @property
    def notes(self) -> list[str]:
        return self.report.notes

    def to_json(self) -> dict:
        return {
            **self.report.to_json(),
            "lesson": self.lesson,
            "variant": self.variant,
            "settings": asdict(self.settings),
            "steps": self.steps,
            "results": self.results,
            "equal": self.equal,
            "findings": self.findings,
            "judged_steps": self.judged_steps,
            "judged_until": self.judged_until,
            "diverged_at": self.diverged_at,
            "clock": {k: round(v, 4) for k, v in self.clock.seconds.items()},
        }

    @classmethod
    def from_json(cls, entry: dict) -> "Outline":
        rows = [Row.from_json(row) for row in entry["rows"]]
        names = "name", "draws", "cause", "seconds", "notes", "command"
        report = Report(rows=rows, **{name: entry[name] for name in names})
        if not report.ok:
            report.place = entry["first"]
        names = "lesson", "variant", "steps", "results", "equal", "findings"
        names += "judged_steps", "judged_until", "diverged_at"
        return cls(
            settings=Settings(**entry["settings"]),
            report=report,
            clock=Clock(dict(entry["clock"])),
            **{name: entry[name] for name in names},
        )
