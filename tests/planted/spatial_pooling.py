"""Mistakes in norms of single samples or neighbours, in pooling and unpooling."""

import numpy as np

from twofold.compare.concepts.selftest import Plant, patch
from twofold.scratch import nn
from twofold.scratch.nn import batchnorm, normalization, pooling

MINE = "mine: backward"
OTHER = "different functions"


def _forward(layer, wrong):
    """`layer.forward` as `wrong(right, self, *inputs)` has it."""
    right = layer.forward
    return patch(layer, "forward", lambda self, *x: wrong(right, self, *x))


def _without_root(right, self, x):
    y, back = right(self, x)
    p = float(self.norm_type)
    return y**p, lambda dy: back(dy * p * y ** (p - 1))


def _added(right, self, x, indices, output_size=None):
    y, back = right(self, x, indices, output_size)
    flat = y.reshape(-1, np.prod(y.shape[x.ndim - self.dimensions :]))
    sums = np.zeros_like(flat)
    for row, numbers, places in zip(
        sums, *(a.reshape(len(flat), -1) for a in (x, indices)), strict=True
    ):
        np.add.at(row, places, numbers)
    return sums.reshape(y.shape), back


def _override_ignored():
    right = pooling.AvgPool3d._divisor

    def wrong(self, windows, dtype):
        override, self.divisor_override = self.divisor_override, None
        divisor = right(self, windows, dtype)
        self.divisor_override = override
        return divisor

    return patch(pooling.AvgPool3d, "_divisor", wrong)


def _same_neighbours_both_ways():
    right = normalization._sum_of_neighbours

    def wrong(x, before, after):
        return right(x, max(before, after), min(before, after))

    return patch(normalization, "_sum_of_neighbours", wrong)


PLANTS = [
    Plant(
        "instance norm over the batch too",
        "batch norm under another name, the same for a batch of one",
        ("nn.InstanceNorm2d",),
        lambda: patch(nn.InstanceNorm2d, "forward", batchnorm.BatchNorm.forward),
        "output",
        OTHER,
    ),
    Plant(
        "pooling by a norm without the root",
        "the sum of powers taken for the norm",
        ("nn.LPPool2d",),
        lambda: _forward(nn.LPPool2d, _without_root),
        "output",
        OTHER,
    ),
    Plant(
        "unpooling that adds where it should set",
        "a scatter-add, which counts twice what overlapping windows chose twice",
        ("nn.MaxUnpool2d",),
        lambda: _forward(nn.MaxUnpool2d, _added),
        "output",
        OTHER,
    ),
    Plant(
        "divisor_override ignored in three dimensions",
        "executorch PR#18616",
        ("nn.AvgPool3d",),
        _override_ignored,
        "output",
        OTHER,
    ),
    Plant(
        "a window of an even size not turned round on the way back",
        "the sums of a response norm taken over the same neighbours both ways",
        ("nn.LocalResponseNorm",),
        _same_neighbours_both_ways,
        "grad of input",
        MINE,
    ),
    Plant(
        "height and width drawn the other way round",
        "PyTorch takes the width's sample first in two dimensions, not in three",
        ("nn.FractionalMaxPool2d",),
        lambda: patch(nn.FractionalMaxPool2d, "_sample_of", lambda self, axis: axis),
        "output",
        OTHER,
    ),
]
