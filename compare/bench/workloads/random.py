"""Drawing a million numbers."""

from collections.abc import Callable

import numpy as np
import torch

from twofold import torch_ref

from .spec import Workload

DRAWS = 1_000_000


def _draw(function: Callable) -> Callable:
    """`function(tree, generator, n)` draws n numbers."""

    def make(tree):
        generator = tree.random.Generator().manual_seed(0)
        return lambda: function(tree, generator, DRAWS)

    return make


def _dtype(tree, name: str):
    return name if tree is not torch_ref else getattr(torch, name)


def _uniform(tree, generator, n):
    return tree.random.rand(n, generator=generator)


def _normal(name: str) -> Callable:
    def draw(tree, generator, n):
        return tree.random.randn(n, generator=generator, dtype=_dtype(tree, name))

    return draw


def _randperm(tree, generator, n):
    return tree.random.randperm(n, generator=generator)


def _bernoulli(tree, generator, n):
    if tree is torch_ref:
        return torch.empty(n).bernoulli_(0.5, generator=generator)
    return generator.bernoulli(0.5, n, np.float32)


WORKLOADS = [
    Workload(f"random: {name}, 1,000,000 draws", _draw(function))
    for name, function in (
        ("uniform, float32", _uniform),
        ("normal, float32", _normal("float32")),
        ("normal, float64", _normal("float64")),
        ("randperm", _randperm),
        ("bernoulli", _bernoulli),
    )
]
