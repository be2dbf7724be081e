"""Rows that lie in runs, one run after the other, made fast into one row each.

Below the layers, where it is a sum or a maximum over a bag: here bags are of any size,
some of them empty, and no loop runs over them.
"""

import numpy as np

from .._arrays import RUN, sum_along


def sums_of_runs(rows: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The sum of each run; `counts` says how many rows it has, and may be 0."""
    R, D = len(counts), rows.shape[1]
    if R and counts[0] and (counts == counts[0]).all():
        return sum_along(rows.reshape(R, counts[0], D), 1)[:, 0]
    total = np.zeros((R, D), rows.dtype)
    if len(rows) and D:
        some = np.flatnonzero(counts)
        total[some] = add_runs(rows, counts[some])
    return total


def add_runs(rows: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The same of runs of which none is empty.

    One row after the other, in parts of `RUN` rows and then the parts: see `sum_rows`.
    """
    starts = np.cumsum(counts) - counts
    parts = -(-counts // RUN)
    if parts.max() == 1:
        return np.add.reduceat(rows, starts, axis=0)
    part = np.arange(parts.sum()) - np.repeat(np.cumsum(parts) - parts, parts)
    firsts = np.repeat(starts, parts) + RUN * part
    return add_runs(np.add.reduceat(rows, firsts, axis=0), parts)


def largest_of_runs(rows: np.ndarray, counts: np.ndarray):
    """The largest number of each run and column, and the row that has it.

    An empty run has 0, and -1 for the row. The first of equal ones wins, and a NaN that
    comes first is never beaten.
    """
    R, D = len(counts), rows.shape[1]
    best = np.zeros((R, D), rows.dtype)
    winners = np.full((R, D), -1)
    starts = np.cumsum(counts) - counts
    for k in range(counts.max(initial=0)):
        some = counts > k
        runs = slice(None) if some.all() else np.flatnonzero(some)
        at = starts[runs] + k
        here, so_far, won = rows[at], best[runs], winners[runs]
        better = here > so_far if k else np.ones(here.shape, bool)
        np.copyto(so_far, here, where=better)
        np.copyto(won, at[:, None], where=better)
        best[runs], winners[runs] = so_far, won
    return best, winners
