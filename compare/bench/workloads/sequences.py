"""Recurrent layers, attention, embeddings, CTC: forward and backward."""

import numpy as np

from twofold import torch_ref

from .spec import Workload, both_ways, own


def _recurrent(kind: str):
    """The gradients of a layer's output; nobody uses its last state."""

    def make(tree):
        rng = np.random.default_rng(0)
        x = own(tree, rng.standard_normal((50, 32, 128)).astype(np.float32))
        dy = own(tree, rng.standard_normal((50, 32, 128)).astype(np.float32))
        tree.manual_seed(0)
        layer = getattr(tree.nn, kind)(128, 128)
        return both_ways(tree, layer, [x], dy, module=layer)

    return make


def _packed_recurrent(kind: str):
    """32 sequences of 1 to 50 steps, unsorted."""

    def make(tree):
        rng = np.random.default_rng(0)
        x = own(tree, rng.standard_normal((50, 32, 128)).astype(np.float32))
        lengths = own(tree, rng.integers(1, 51, 32))
        dy = rng.standard_normal((int(lengths.sum()), 128)).astype(np.float32)
        dy = own(tree, dy)
        pack = tree.nn.utils.rnn.pack_padded_sequence
        tree.manual_seed(0)
        layer = getattr(tree.nn, kind)(128, 128)

        def call(x):
            if tree is torch_ref:
                return layer(pack(x, lengths, enforce_sorted=False))[0].data
            packed, pack_back = pack(x, lengths, enforce_sorted=False)
            y, back = layer(packed)
            return y, lambda dy: pack_back(back(dy))

        return both_ways(tree, call, [x], dy, module=layer)

    return make


def _embedding(rows: int, width: int, count: int):
    def make(tree):
        rng = np.random.default_rng(0)
        x = own(tree, rng.integers(0, rows, count))
        dy = own(tree, rng.standard_normal((count, width)).astype(np.float32))
        table = tree.nn.Embedding(rows, width)
        return both_ways(tree, table, [x], dy, module=table)

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
        return both_ways(tree, attend, [q, k, v], dy)

    return make


def _decoder():
    """20 steps that look at a memory of 30, batch 16, 128 features."""

    def make(tree):
        rng = np.random.default_rng(0)
        tgt, memory, dy = (
            own(tree, rng.standard_normal((n, 16, 128)).astype(np.float32))
            for n in (20, 30, 20)
        )
        layer = tree.nn.TransformerDecoderLayer(128, 8, 512, 0.0)
        return both_ways(tree, layer, [tgt, memory], dy, module=layer)

    return make


def _bags(mode: str):
    """256 bags of 16 of 10,000 rows of 64 features."""

    def make(tree):
        rng = np.random.default_rng(0)
        x = own(tree, rng.integers(0, 10_000, (256, 16)))
        dy = own(tree, rng.standard_normal((256, 64)).astype(np.float32))
        table = tree.nn.EmbeddingBag(10_000, 64, mode=mode)
        return both_ways(tree, table, [x], dy, module=table)

    return make


def _ctc(steps: int, samples: int, classes: int, labels: int):
    def make(tree):
        rng = np.random.default_rng(0)
        z = rng.standard_normal((steps, samples, classes))
        z -= np.log(np.exp(z).sum(axis=2, keepdims=True))
        q = own(tree, z.astype(np.float32))
        targets = own(tree, rng.integers(1, classes, (samples, labels)))
        lengths = (steps,) * samples, (labels,) * samples
        ctc = tree.nn.CTCLoss()
        return both_ways(tree, lambda z: ctc(z, targets, *lengths), [q])

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
        Workload(f"packed {kind} 128->128, up to 50 steps", _packed_recurrent(kind))
        for kind in ("GRU", "LSTM")
    ),
    *(
        Workload(f"Embedding {v}x{d}, {n} indices, float32", _embedding(v, d, n))
        for v, d, n in ((1000, 64, 512), (10000, 128, 2048), (100, 64, 4096))
    ),
    Workload("decoder layer, 20 steps, memory of 30, float32", _decoder()),
    *(
        Workload(f"EmbeddingBag {mode}, 256 bags of 16, float32", _bags(mode))
        for mode in ("mean", "max")
    ),
    Workload("CTC 100 steps, batch 16, 30 classes, float32", _ctc(100, 16, 30, 20)),
]
