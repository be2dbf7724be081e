"""Running one side into a trace."""

import numpy as np
import torch

from twofold.compare.numerics.dtypes import unit_roundoff
from twofold.compare.sides.modules import TorchSide
from twofold.compare.sides.trace import Feed


def test_what_is_kept_for_the_way_back_is_moved_by_one_rounding():
    """Else: a saturated gate, all digits of whose slope lie in the rounding of its
    output, counts as well conditioned, and correct float32 code as imprecise.
    """
    x = np.full((50,), 16.0)  # sigmoid is 1 less two roundings of float32
    side = TorchSide(lambda dtype: torch.sigmoid, ["x"])
    feed = Feed(np.dtype(np.float64), (x,), upstream=(np.ones(50),))
    slope = side.run(feed)["grad of x"]
    for dtype in (np.float64, np.float32):
        moved = side.run(feed.moved(dtype, np.random.default_rng(0)))["grad of x"]
        roundings = np.abs(moved - slope).max() / unit_roundoff(dtype)
        assert 0.5 < roundings < 4
        assert (moved >= 0).all(), "rounded past 1"
