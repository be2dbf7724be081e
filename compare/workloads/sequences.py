"""Recurrent layers, attention and embeddings: forward and backward."""

import numpy as np
import torch

import torch_ref

from .spec import Workload, own


def _recurrent(kind: str):
    """The gradients of a layer's output; nobody uses its last state."""

    def make(tree):
        rng = np.random.default_rng(0)
        x = own(tree, rng.standard_normal((50, 32, 128)).astype(np.float32))
        dy = own(tree, rng.standard_normal((50, 32, 128)).astype(np.float32))
        tree.manual_seed(0)
        layer = getattr(tree.nn, kind)(128, 128)
        if tree is torch_ref:
            inputs = [x.requires_grad_(), *layer.parameters()]
            return lambda: torch.autograd.grad(layer(x)[0], inputs, dy)

        def both_ways():
            layer.zero_grad()
            _, back = layer(x)
            back(dy)

        return both_ways

    return make


def _embedding(rows: int, width: int, count: int):
    def make(tree):
        rng = np.random.default_rng(0)
        x = own(tree, rng.integers(0, rows, count))
        dy = own(tree, rng.standard_normal((count, width)).astype(np.float32))
        table = tree.nn.Embedding(rows, width)
        if tree is torch_ref:
            return lambda: torch.autograd.grad(table(x), [table.weight], dy)

        def both_ways():
            table.zero_grad()
            _, back = table(x)
            back(dy)

        return both_ways

    return make


def _attention(steps: int):
    """Batch 8, 8 heads of 64 features."""

    def make(tree):
        rng = np.random.default_rng(0)
        shape = 4, 8, 8, steps, 64
        q, k, v, dy = (
            own(tree, x) for x in rng.standard_normal(shape).astype(np.float32)
        )
        attend = tree.nn.functional.scaled_dot_product_attention
        if tree is torch_ref:
            inputs = [x.requires_grad_() for x in (q, k, v)]
            return lambda: torch.autograd.grad(attend(*inputs), inputs, dy)

        def both_ways():
            _, back = attend(q, k, v)
            back(dy)

        return both_ways

    return make


WORKLOADS = [
    *(
        Workload(f"attention, batch 8, 8 heads, {t} steps, float32", _attention(t))
        for t in (128, 512)
    ),
    *(
        Workload(f"{kind} 128->128, 50 steps, batch 32, float32", _recurrent(kind))
        for kind in ("RNN", "GRU", "LSTM")
    ),
    *(
        Workload(f"Embedding {v}x{d}, {n} indices, float32", _embedding(v, d, n))
        for v, d, n in ((1000, 64, 512), (10000, 128, 2048), (100, 64, 4096))
    ),
]
