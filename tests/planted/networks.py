"""Mistakes in whole networks."""

import numpy as np

from twofold.compare.concepts.selftest import Plant, patch
from twofold.scratch import nn
from twofold.scratch.models import gpt, rbm

MINE = "mine: backward"


def _only_the_data():
    """The gradient without the dreams: weights that grow and grow."""

    def forward(self, input, target):
        loss, back = right(self, input, target)

        def short_back(dy=1.0):
            dv = back(dy)
            dreams = self.rbm.hidden(input)
            s = input.dtype.type(dy / len(target))
            self.rbm.weight.accumulate(-s * (dreams.T @ input))
            return dv

        return loss, short_back

    right = rbm.ContrastiveDivergence.forward
    return patch(rbm.ContrastiveDivergence, "forward", forward)


def _no_way_beside():
    """The gradient that passes beside attention and perceptron is forgotten."""

    def forward(self, x):
        y, back = right(self, x)
        return y, lambda dy: back(dy) - dy

    right = gpt.Block.forward
    return patch(gpt.Block, "forward", forward)


def _mask_off_by_one():
    """Every place sees the one after it, which it is to guess."""

    def tri(n, dtype):
        return right(n, k=1, dtype=dtype)

    right = np.tri
    return patch(gpt.np, "tri", tri)


def _one_place_for_all():
    """Places are not told apart."""

    def forward(self, input):
        return right(self, np.zeros_like(input) if input.ndim == 1 else input)

    right = nn.Embedding.forward
    return patch(nn.Embedding, "forward", forward)


PLANTS = [
    Plant(
        "contrastive divergence without the negative phase",
        "a Boltzmann machine that only remembers",
        ("models.ContrastiveDivergence",),
        _only_the_data,
        "grad of weight",
        MINE,
    ),
    Plant(
        "no gradient beside the layers of a block",
        "a residual connection that goes one way",
        ("models.Block",),
        _no_way_beside,
        "grad of",
        MINE,
    ),
    Plant(
        "a causal mask that is off by one",
        "a mask with its diagonal at k=1",
        ("models.Block",),
        _mask_off_by_one,
        "output",
        "different functions",
    ),
    Plant(
        "the same place for every character",
        "positions forgotten",
        ("models.GPT",),
        _one_place_for_all,
        "output",
        "different functions",
    ),
]
