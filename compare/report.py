"""What a comparison found: one row for each tensor, and what follows from them."""

from dataclasses import dataclass, field
from pathlib import Path

from .numerics import LIMIT, Judgement

SEVERITY = {"match": 0, "imprecise": 1, "mismatch": 2}


@dataclass(frozen=True)
class Row:
    """One tensor: how far apart both sides are, and where most.

    `score` is in units of what rounding explains and may reach `LIMIT`; `index` is the
    element that differs most, `mine` and `reference` its two values.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    judgement: Judgement

    @property
    def score(self) -> float:
        return self.judgement.score

    @property
    def verdict(self) -> str:
        return self.judgement.verdict

    @property
    def index(self) -> tuple[int, ...] | None:
        return self.judgement.index

    @property
    def mine(self):
        return self.judgement.values[0] if self.judgement.values else None

    @property
    def reference(self):
        return self.judgement.values[1] if self.judgement.values else None

    @property
    def ok(self) -> bool:
        return self.verdict == "match"

    def worse_than(self, other: "Row") -> bool:
        mine, theirs = SEVERITY[self.verdict], SEVERITY[other.verdict]
        return (mine, self.score) > (theirs, other.score)

    def to_json(self) -> dict:
        return {
            "name": self.name,
            "shape": list(self.shape),
            "dtype": self.dtype,
            "verdict": self.verdict,
            "score": _number(self.score),
            "stage": self.judgement.stage,
            "reason": self.judgement.reason,
            "index": None if self.index is None else list(self.index),
            "mine": _number(self.mine),
            "reference": _number(self.reference),
        }

    @classmethod
    def from_json(cls, entry: dict) -> "Row":
        index = entry["index"]
        judgement = Judgement(
            entry["verdict"],
            float(entry["score"]),
            entry["stage"],
            entry["reason"],
            index=None if index is None else tuple(index),
            values=() if index is None else (entry["mine"], entry["reference"]),
        )
        return cls(entry["name"], tuple(entry["shape"]), entry["dtype"], judgement)


@dataclass
class Report:
    """The verdict on one pair.

    `verdict` is "match", "imprecise" or "mismatch"; `first` names the first tensor that
    differs; `cause` says who is wrong: None, "mine: backward", "reference: backward",
    "different functions", "precision" or "unsettled".
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
        return self.verdict == "match"

    @property
    def first(self) -> str | None:
        return self.place or next((row.name for row in self.rows if not row.ok), None)

    @property
    def worst(self) -> Row | None:
        rows = self.rows
        return max(rows, key=lambda r: (SEVERITY[r.verdict], r.score), default=None)

    def keep(self, folder: Path, stem: str) -> list[Path]:
        """Save both sides' arrays of the first draw that differs; where they are."""
        from .trace_files import save_trace

        paths = []
        for side, trace in zip(("mine", "reference"), self.traces, strict=False):
            folder.mkdir(parents=True, exist_ok=True)
            paths.append(folder / f"{stem}.{side}.safetensors")
            save_trace(trace, paths[-1])
        return paths

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


def merge(rows: list[Row], more: list[Row]) -> list[Row]:
    """The worse row of each tensor, over two draws, in the order of the first."""
    merged = {row.name: row for row in rows}
    for row in more:
        if row.name not in merged or row.worse_than(merged[row.name]):
            merged[row.name] = row
    return list(merged.values())


def _number(value):
    """A number that JSON can hold: it knows neither infinity nor NaN."""
    if isinstance(value, float) and (
        value != value or value in (_INFINITY, -_INFINITY)
    ):
        return str(value)
    return value


_INFINITY = float("inf")
