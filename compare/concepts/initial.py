"""Where both sides start: parameters and buffers drawn from the same seed."""

from functools import cache

import numpy as np
import torch

from twofold import scratch

from ..judge.row import Row, Rows
from ..numerics.verdict import Evidence, judge
from ..sides.arrays import to_numpy
from ..sides.modules import TorchSide
from .fingerprint import fingerprint

WIDE = np.dtype(np.float64)
"""Of the options: what is computed of them may round. Numbers are drawn in float32."""


def initial_rows(candidate, reference, seed: int) -> Rows:
    """A row for every parameter and buffer as it is drawn, which must be equal.

    None for what has no parameters, and none where this build of PyTorch draws other
    numbers from the same seed.
    """
    rows = Rows()
    if not isinstance(reference, TorchSide) or not _draws_the_same():
        return rows
    torch.manual_seed(seed)
    theirs = reference.build(WIDE)
    if not isinstance(theirs, torch.nn.Module):
        return rows
    scratch.manual_seed(seed)
    mine = candidate.build(WIDE)
    drawn = dict(mine.state_dict())
    for name, x in theirs.state_dict().items():
        if isinstance(x, torch.Tensor) and not _is_waiting(x):
            rows.append(_row(f"initial {name}", drawn.get(name), to_numpy(x)))
    return rows


def _row(name: str, mine: np.ndarray | None, theirs: np.ndarray) -> Row:
    mine, kind = np.empty(0) if mine is None else np.asarray(mine), theirs.dtype
    if mine.dtype.kind == theirs.dtype.kind == "f":  # in float64 no bit is too small
        mine, theirs = mine.astype(np.float64), theirs.astype(np.float64)
    found = judge(Evidence(candidate64=mine, reference64=theirs))
    return Row(name, theirs.shape, str(kind), found)


def _is_waiting(x) -> bool:
    """Of a lazy module, whose shapes are not known yet."""
    return isinstance(x, torch.nn.parameter.UninitializedTensorMixin)


@cache
def _draws_the_same() -> bool:
    return fingerprint().same
