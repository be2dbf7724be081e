"""What a workload is, and the pieces that workloads share."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from twofold import torch_ref

from ...sides.arrays import to_torch


@dataclass(frozen=True)
class Workload:
    """Something to time: `make(tree)` returns a function that does it once."""

    name: str
    make: Callable


def own(tree, array: np.ndarray):
    """`array` as `tree` takes it: a tensor for torch_ref, itself for scratch."""
    return to_torch(array) if tree is torch_ref else array


def forward_backward(make_module: Callable, *shape: int) -> Callable:
    """A workload's `make`: the module's output and all gradients of one input."""

    def make(tree):
        rng = np.random.default_rng(0)
        x = own(tree, rng.standard_normal(shape).astype(np.float32))
        tree.manual_seed(0)
        module = make_module(tree)
        if tree is torch_ref:
            x.requires_grad_()
            dy = module(x).detach().clone()
            inputs = [x, *module.parameters()]
            return lambda: torch.autograd.grad(module(x), inputs, dy)
        dy = module(x)[0].copy()

        def both_ways():
            module.zero_grad()
            _, back = module(x)
            back(dy)

        return both_ways

    return make
