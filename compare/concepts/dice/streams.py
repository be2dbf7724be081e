"""Every kind of draw over many seeds, and all of them mixed."""

from collections.abc import Callable, Iterable

import numpy as np

from .arguments import every_argument
from .kinds import KINDS
from .spec import C_LIBRARY, TOLERANCE, Kind, Row, Tally

MIXED_LENGTH = 20


def compare_streams(
    seeds: Iterable[int] = range(100),
    stride: int = 1,
    progress: Callable[[str], None] = lambda kind: None,
) -> list[Row]:
    """The rows of all kinds, of mixed sequences, and of `every_argument(stride)`.

    `progress` is told the kind of each row once the row is there.
    """
    seeds, rows = list(seeds), []
    tasks = [(compare_kind, kind, dtype, seeds) for kind, dtype in _kinds()]
    for function, *arguments in [
        *tasks,
        (compare_mixed, seeds),
        (every_argument, stride),
    ]:
        rows.append(function(*arguments))
        progress(rows[-1].kind)
    return rows


def count_rows() -> int:
    """How many rows `compare_streams` comes to."""
    return len(_kinds()) + 2


def _kinds() -> list[tuple[Kind, str]]:
    return [(kind, dtype) for kind in KINDS for dtype in kind.dtypes]


def compare_kind(kind: Kind, dtype: str, seeds: list[int]) -> Row:
    tally = Tally()
    for seed in seeds:
        tally.start(seed)
        tally.add(kind, dtype, kind.options(np.random.default_rng(seed)))
    return tally.row(kind.name, dtype, kind.claim)


def compare_mixed(seeds: list[int]) -> Row:
    """Sequences of draws of all kinds, the state passing from one to the next."""
    tally = Tally()
    kinds = [kind for kind in KINDS if kind.claim != TOLERANCE]
    for seed in seeds:
        tally.start(seed)
        rng = np.random.default_rng(seed)
        for _ in range(MIXED_LENGTH):
            kind = kinds[rng.integers(len(kinds))]
            tally.add(kind, str(rng.choice(kind.dtypes)), kind.options(rng))
    return tally.row("mixed sequences", "all", C_LIBRARY)
