"""Mistakes in attention: scales, masks, heads, dropout."""

import numpy as np

from twofold.compare.concepts.selftest import Plant, patch
from twofold.scratch import nn
from twofold.scratch.bases import attention_inputs
from twofold.scratch.nn import functional

SDPA = "nn.functional.scaled_dot_product_attention"
DIFFERENT = "different functions"


def _attending(change):
    """`attend` with other arguments: `change(q, k, v, scale, bias, dropout)`."""
    right = functional.attend

    def attend(q, k, v, scale, bias=None, dropout=0.0, masked_is_zero=True):
        changed = change(q, k, v, scale, bias, dropout)
        return right(*changed, masked_is_zero=masked_is_zero)

    return patch(functional, "attend", attend)


def _scale(wrong):
    return lambda: _attending(lambda q, k, v, c, b, p: (q, k, v, wrong(q), b, p))


def _inverted(owner, name):
    def hidden(mask, dtype):
        if mask.dtype != bool:
            return mask
        return np.where(mask, dtype.type(0), dtype.type(-np.inf))

    return lambda: patch(owner, name, hidden)


def _causal_off_by_one():
    right = functional._bias

    def bias(attn_mask, is_causal, shape, dtype):
        if is_causal:
            attn_mask = np.tri(*shape[-2:], k=1, dtype=bool)
        return right(attn_mask, False, shape, dtype)

    return patch(functional, "_bias", bias)


def _masked_row_averages():
    """A large number instead of infinity: all keys hidden, all weights equal."""

    def change(q, k, v, scale, bias, dropout):
        if bias is not None:
            bias = np.maximum(bias, bias.dtype.type(-1e9))
        return q, k, v, scale, bias, dropout

    return _attending(change)


def _without_transpose():
    def heads(self, x):
        N, length, _ = x.shape
        return x.reshape(N, self.num_heads, length, self.head_dim)

    def joined(self, x):
        N, _, length, _ = x.shape
        return x.reshape(N, length, self.embed_dim)

    class Both:
        def __enter__(self):
            self.parts = [
                patch(nn.MultiheadAttention, "_heads", heads),
                patch(nn.MultiheadAttention, "_joined", joined),
            ]
            for part in self.parts:
                part.__enter__()

        def __exit__(self, *error):
            for part in self.parts:
                part.__exit__(*error)

    return Both()


def _dropout_in_eval():
    right = nn.MultiheadAttention.forward

    def forward(self, *inputs):
        training, self.training = self.training, True
        found = right(self, *inputs)
        self.training = training
        return found

    return patch(nn.MultiheadAttention, "forward", forward)


def _softmax_without_its_sum():
    right = functional.attend

    def attend(q, k, v, scale, bias=None, dropout=0.0, masked_is_zero=True):
        o, weights, back = right(q, k, v, scale, bias, dropout, masked_is_zero)

        def wrong(do, dweights=None, with_bias=False):
            _, _, dv, dbias = back(do, dweights, with_bias)
            ds = weights() * (do @ v.swapaxes(-1, -2))
            return ds @ k * scale, ds.swapaxes(-1, -2) @ q * scale, dv, dbias

        return o, weights, wrong

    return patch(functional, "attend", attend)


PLANTS = [
    Plant(
        "attention scaled by d instead of its root",
        "attorch#14",
        (SDPA,),
        _scale(lambda q: 1 / max(q.shape[-1], 1)),
        "output",
        DIFFERENT,
    ),
    Plant(
        "attention's scale hard-coded",
        "attorch#14",
        (SDPA,),
        _scale(lambda q: 0.125),
        "output",
        DIFFERENT,
    ),
    Plant(
        "attention's mask inverted",
        "LLMs-from-scratch#1061",
        ("nn.MultiheadAttention",),
        _inverted(attention_inputs, "hidden"),
        "output",
        DIFFERENT,
    ),
    Plant(
        "the causal mask off by one",
        "tril with a diagonal too many",
        (SDPA,),
        _causal_off_by_one,
        "output",
        DIFFERENT,
    ),
    Plant(
        "a fully masked row averages all values",
        "onnxruntime#28904",
        (SDPA,),
        _masked_row_averages,
        "output",
        DIFFERENT,
    ),
    Plant(
        "heads reshaped without a transpose",
        "FuxiCTR#30",
        ("nn.MultiheadAttention",),
        _without_transpose,
        "output",
        DIFFERENT,
    ),
    Plant(
        "attention's dropout active when evaluating",
        "pytorch#124464",
        ("nn.MultiheadAttention",),
        _dropout_in_eval,
        "output",
        DIFFERENT,
    ),
    Plant(
        "the mean term dropped from attention's softmax",
        "softmax's backward as p dp",
        (SDPA,),
        _softmax_without_its_sum,
        "grad of",
        "mine: backward",
    ),
]
