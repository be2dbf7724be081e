"""What a comparison found: one row for each tensor, and what follows from them."""

from dataclasses import dataclass, field

from ..judge.explanation import Explanation
from ..judge.row import SEVERITY, Row
from ..numerics.scores import LIMIT

MARK = {"match": "✓", "imprecise": "~", "mismatch": "✗"}


def legend() -> str:
    """What score and limit are, in one line."""
    return f"score: difference / what rounding explains here; limit {LIMIT:.0f}"


@dataclass(repr=False)
class Report:
    """The verdict on one pair.

    `verdict` is "match", "imprecise" or "mismatch"; `first` names the first tensor that
    differs; `cause` says who is wrong: None, "mine: backward", "reference: backward",
    "different functions", "convention", "precision" or "unsettled"; `twofold.judge`
    also knows "mine: conduct" and "mine: no result".
    """

    name: str
    rows: list[Row]
    draws: int = 1
    cause: str | None = None
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)
    command: str = ""
    seed: int = 0
    place: str | None = None  # where, if it was looked for inside a composite
    traces: tuple = ()  # of both sides, from the first draw that differs

    @property
    def verdict(self) -> str:
        return max(
            (row.verdict for row in self.rows), key=SEVERITY.get, default="match"
        )

    @property
    def ok(self) -> bool:
        """Whether all tensors match; so is the report in a condition."""
        return self.verdict == "match"

    def __bool__(self) -> bool:
        return self.ok

    @property
    def first(self) -> str | None:
        return self.place or next((row.name for row in self.rows if not row.ok), None)

    @property
    def worst(self) -> Row | None:
        rows = self.rows
        return max(rows, key=lambda r: (SEVERITY[r.verdict], r.score), default=None)

    def words(self) -> list[str]:
        """What a user needs to know about the first tensor that differs."""
        row = next((row for row in self.rows if not row.ok), None)
        if row is None:
            return list(self.notes)
        lines = [
            f"first difference: {self.first}",
            f"  {row.name}, shape {row.shape}, {row.judgement.stage}, "
            f"score {score_text(row.score)}",
        ]
        if row.judgement.reason:
            lines.append(f"  {row.judgement.reason}")
        if row.index is not None:
            at = list(row.index)
            lines.append(f"  at {at}: mine {row.mine!r}, reference {row.reference!r}")
        if self.cause:
            lines.append(f"  cause: {self.cause}")
        lines += [f"  {note}" for note in self.notes]
        if self.command:
            lines.append(f"  again: {self.command}")
        return lines

    def __repr__(self) -> str:
        draws = f"{self.draws} draw{'' if self.draws == 1 else 's'}"
        known = [f"{len(self.rows)} tensors", draws]
        if self.ok and self.worst:
            known.append(f"worst score {score_text(self.worst.score)}")
        elif self.first:
            known.append(f"first difference: {self.first}")
        known += [f"cause: {self.cause}"] if self.cause else []
        return f"<Report {self.name}: {self.verdict}, {', '.join(known)}>"

    def __str__(self) -> str:
        from .tables import report_text

        return report_text(self)

    def _repr_html_(self) -> str:
        from .html import report_html

        return report_html(self)

    def explain(self, found: Explanation) -> None:
        """Take over what is known of the first draw that differs."""
        self.place, self.cause = found.place, found.cause
        self.traces = found.traces
        self.notes += found.notes

    def to_json(self) -> dict:
        return {
            "name": self.name,
            "verdict": self.verdict,
            "first": self.first,
            "cause": self.cause,
            "limit": LIMIT,
            "draws": self.draws,
            "seconds": round(self.seconds, 3),
            "notes": self.notes,
            "command": self.command,
            "rows": [row.to_json() for row in self.rows],
        }


def score_text(score: float) -> str:
    """A score in at most seven characters."""
    if score == 0:
        return "0"
    return f"{score:.1f}" if score < 1000 else f"{score:.0e}"
