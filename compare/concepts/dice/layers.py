"""Draws that only layers and loaders make, from the default stream."""

import math

import numpy as np
import torch

from twofold import scratch, torch_ref
from twofold.scratch import random as scratch_random

from .spec import C_LIBRARY, FUSED, INTEGERS, Kind

_FLOATS = ("float32", "float64")


def _on_default_streams(draw):
    """`ours` and `theirs` of a draw that knows the default stream alone.

    `draw(tree, d, *options)` returns an array or a tensor; meanwhile the default stream
    of `tree` is in the state of the generator, which then takes over the new one.
    """

    def ours(g, d, *options):
        with scratch_random.fork_rng():
            scratch_random.set_rng_state(g.get_state())
            drawn = draw(scratch, d, *options)
            g.set_state(scratch_random.get_rng_state())
        return drawn

    def theirs(g, d, *options):
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            torch.set_rng_state(g.get_state())
            drawn = draw(torch_ref, d, *options)
            g.set_state(torch.get_rng_state())
        return drawn

    return ours, theirs


def _new_layer(tree, d, name, *sizes):
    """The parameters that a layer starts with, one after the other."""
    dtype = d if tree is scratch else getattr(torch, d)
    layer = getattr(tree.nn, name)(*sizes, dtype=dtype)
    parts = [p.data.reshape(-1) for p in layer.parameters()]
    return np.concatenate(parts) if tree is scratch else torch.cat(parts)


def _masked(tree, d, name, *arguments):
    """What a layer that draws while it trains makes of numbers below and above 0."""
    shape = (3, 4, 5, 2, 2) if name == "Dropout3d" else (3, 4, 5, 6)
    shape = (3, 4, 5) if name == "Dropout1d" else shape
    x = np.linspace(-2, 3, math.prod(shape)).reshape(shape).astype(d)
    layer = getattr(tree.nn, name)(*arguments)
    return layer(x)[0] if tree is scratch else layer(torch.from_numpy(x))


def _order(tree, d, size, batch):
    """The order in which a loader visits `size` samples."""
    batches = list(tree.training.batches(size, batch))
    return np.concatenate(batches) if tree is scratch else torch.cat(batches)


def _sizes(rng):
    return tuple(int(n) for n in rng.integers(1, 40, 2))


def _starting(name, claim, sizes=_sizes) -> Kind:
    """A new layer, of sizes that `sizes(rng)` chooses."""
    return Kind(
        f"{name}, as it starts",
        claim,
        _FLOATS,
        lambda rng: (name, *sizes(rng)),
        *_on_default_streams(_new_layer),
    )


def _masking(name, *arguments, claim=INTEGERS) -> Kind:
    return Kind(
        f"{name}, in training",
        claim,
        _FLOATS,
        lambda rng: (name, *arguments),
        *_on_default_streams(_masked),
    )


LAYERS = (
    _starting("Linear", FUSED),
    _starting("Conv2d", FUSED, lambda rng: (*_sizes(rng), 3)),
    _starting("Embedding", C_LIBRARY),
    _starting("LSTM", FUSED),
    _starting(
        "MultiheadAttention", FUSED, lambda rng: (4 * int(rng.integers(1, 9)), 2)
    ),
    _masking("Dropout", 0.3),
    _masking("Dropout1d", 0.3),
    _masking("Dropout2d", 0.3),
    _masking("Dropout3d", 0.3),
    _masking("AlphaDropout", 0.3, claim=FUSED),
    _masking("FeatureAlphaDropout", 0.3, claim=FUSED),
    _masking("RReLU", 0.1, 0.4, claim=FUSED),
    Kind(
        "DataLoader's order",
        INTEGERS,
        ("int64",),
        lambda rng: tuple(int(n) for n in rng.integers(1, 100, 2)),
        *_on_default_streams(_order),
    ),
)
