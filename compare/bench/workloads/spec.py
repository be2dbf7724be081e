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


def both_ways(tree, call: Callable, inputs: list, *dy, module=None) -> Callable:
    """A function that makes the output of `call(*inputs)` and all gradients, once.

    `module` is the one whose parameters' gradients count as well. The upstream gradient
    `dy` is that of the first output, as nobody uses a recurrent layer's last states; a
    loss has none.
    """
    if tree is torch_ref:
        wanted = [x.requires_grad_() for x in inputs if x.is_floating_point()]
        wanted += [] if module is None else module.parameters()

        def output_and_gradients():
            y = call(*inputs)
            y = y[0] if isinstance(y, tuple) else y
            return torch.autograd.grad(y, wanted, dy or None)

        return output_and_gradients

    def there_and_back():
        if module is not None:
            module.zero_grad()
        _, back = call(*inputs)
        back(*dy)

    return there_and_back


def forward_backward(make_module: Callable, *shape: int) -> Callable:
    """A workload's `make`: the module's output and all gradients of one input."""

    def make(tree):
        rng = np.random.default_rng(0)
        x = own(tree, rng.standard_normal(shape).astype(np.float32))
        tree.manual_seed(0)
        module = make_module(tree)
        y = module(x)
        dy = y.detach().clone() if tree is torch_ref else y[0].copy()
        return both_ways(tree, module, [x], dy, module=module)

    return make
