"""One step of each optimiser, on few large and on many small parameters."""

import math
from collections.abc import Callable

import numpy as np
import torch

from twofold import torch_ref
from twofold.scratch._sparse import SparseGradient

from ...sides.arrays import to_torch
from .spec import Workload, own

LAYOUTS = {"10 x 100,000": (10, (250, 400)), "100 x 1,000": (100, (25, 40))}
SPARSE_ROWS = 1_000

OPTIONS = {
    "SGD": {"lr": 1e-3, "momentum": 0.9},
    "Adam": {},
    "AdamW": {},
    "Adamax": {},
    "NAdam": {},
    "RAdam": {},
    "Adagrad": {},
    "Adadelta": {},
    "RMSprop": {},
    "Rprop": {},
    "ASGD": {},
    "Adafactor": {},
    "Muon": {},
}


def _parameters(tree, count: int, shape: tuple[int, ...]) -> list:
    rng = np.random.default_rng(0)
    return [
        tree.nn.Parameter(own(tree, rng.standard_normal(shape).astype(np.float32)))
        for _ in range(count)
    ]


def _give_gradients(tree, parameters: list) -> None:
    rng = np.random.default_rng(1)
    for p in parameters:
        p.grad = own(tree, rng.standard_normal(tuple(p.shape)).astype(np.float32))


def _step(name: str, options: dict, layout: str) -> Callable:
    def make(tree):
        parameters = _parameters(tree, *LAYOUTS[layout])
        _give_gradients(tree, parameters)
        return getattr(tree.optim, name)(parameters, **options).step

    return make


def _lbfgs_step(layout: str) -> Callable:
    """Five iterations on a quadratic form, as costly as its gradient is cheap."""

    def make(tree):
        parameters = _parameters(tree, *LAYOUTS[layout])
        optimizer = tree.optim.LBFGS(
            parameters,
            lr=1e-3,
            max_iter=5,
            tolerance_grad=0.0,
            tolerance_change=0.0,
            history_size=5,
        )

        def closure():
            for p in parameters:
                p.grad = 0.5 * p.data
            return 1.0

        return lambda: optimizer.step(closure)

    return make


def _sparse_step(tree):
    """SparseAdam on 1,000 rows of a table of 100,000."""
    (table,) = _parameters(tree, 1, (100_000, 10))
    rng = np.random.default_rng(1)
    rows = rng.integers(0, table.shape[0], SPARSE_ROWS)
    values = rng.standard_normal((SPARSE_ROWS, 10)).astype(np.float32)
    if tree is torch_ref:
        table.grad = torch.sparse_coo_tensor(
            to_torch(rows)[None],
            to_torch(values),
            table.shape,
            check_invariants=True,
        )
    else:
        table.grad = SparseGradient(rows[None], values, table.shape)
    return tree.optim.SparseAdam([table]).step


def _clip(layout: str) -> Callable:
    def make(tree):
        parameters = _parameters(tree, *LAYOUTS[layout])
        _give_gradients(tree, parameters)
        return lambda: tree.nn.utils.clip_grad_norm_(parameters, math.inf)

    return make


WORKLOADS = [
    *(
        Workload(f"optim.{name}, {layout}, float32: step", _step(name, options, layout))
        for name, options in OPTIONS.items()
        for layout in LAYOUTS
    ),
    *(
        Workload(f"optim.LBFGS, {layout}, float32: step of 5", _lbfgs_step(layout))
        for layout in LAYOUTS
    ),
    Workload("optim.SparseAdam, 1,000 rows of 100,000 x 10: step", _sparse_step),
    *(
        Workload(f"optim: clip_grad_norm_, {layout}, float32", _clip(layout))
        for layout in LAYOUTS
    ),
]
