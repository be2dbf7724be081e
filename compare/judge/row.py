"""One tensor of a comparison: how far apart both sides are, and where most."""

from dataclasses import dataclass

from ..numerics.verdict import Judgement

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


class Rows(list):
    """The rows of one draw; `notes` say what was not compared, and why."""

    def __init__(self, rows=(), notes=()):
        super().__init__(rows)
        self.notes: list[str] = list(notes)


def merge(rows: list[Row], more: list[Row]) -> list[Row]:
    """The worse row of each tensor, over two draws, in the order of the first."""
    merged = {row.name: row for row in rows}
    for row in more:
        if row.name not in merged or row.worse_than(merged[row.name]):
            merged[row.name] = row
    return list(merged.values())


def exact_row(name: str, same: bool, reason: str = "not equal bit for bit") -> Row:
    judgement = Judgement(
        "match" if same else "mismatch",
        0.0 if same else float("inf"),
        "bits",
        "" if same else reason,
    )
    return Row(name, (), "bits", judgement)


def _number(value):
    """A number that JSON can hold: it knows neither infinity nor NaN."""
    if isinstance(value, float) and (
        value != value or value in (_INFINITY, -_INFINITY)
    ):
        return str(value)
    return value


_INFINITY = float("inf")
