"""Cases for attention: masks of either kind, causal, dropped, shared heads."""

from dataclasses import replace

import numpy as np

from .spec import Case, Chance, Exactly, Given, N, Real, Size

B = Size("B", large=False)
HEADS = Size("heads", large=False)
L = Size("L", large=False)
S = Size("S", large=False)
E = Size("E", large=False)
LONG = Size("T")
# Scores are products of two numbers: of large ones, one takes all the weight.
UNIT = 1.0


def _qkv(*leading, L=L, S=S, E=E, spread=UNIT):
    q = Real((*leading, L, E), spread=spread)
    return q, Real((*leading, S, E), spread=spread), Real((*leading, S, 3))


HIDDEN = float("-inf")
FULL = _qkv(B, HEADS)
EQUAL = (*FULL[:2], FULL[1])  # keys and values of one size: PyTorch's fused kernel
FLOAT_MASK = Exactly((L, S), (0.0, 1.0, -2.0, HIDDEN), differentiable=False)

NO, YES, NONE = Given(False), Given(True), Given(None)


def _multihead() -> list[Case]:
    """The arguments after value: padding, need_weights, mask, average, is_causal."""
    sizes = {"embed_dim": 6, "num_heads": 2}

    def batch(k=6, v=6, first=False, count=B):
        lengths = (L, S, S)
        leading = [(count, n) if first else (n, count) for n in lengths]
        sizes = zip(leading, (6, k, v), strict=True)
        return tuple(Real((*lead, f), spread=UNIT) for lead, f in sizes)

    def one():
        return tuple(Real((n, 6), spread=UNIT) for n in (L, S, S))

    pad = Chance((B, S), 0.3)
    float_pad = Exactly((B, S), (0.0, 1.0, HIDDEN))
    mask, masks = Chance((L, S), 0.2), Chance((2, L, S), 0.2)
    float_mask = Real((L, S), spread=UNIT)
    causal = Given(CAUSAL)
    extra = {"add_bias_kv": True, "add_zero_attn": True}
    dropped = sizes | {"dropout": 0.4}
    kv = sizes | {"kdim": 3, "vdim": 5}
    return [
        Case(sizes, batch(count=N)),
        Case(sizes | {"batch_first": True}, batch(first=True, count=N)),
        Case(sizes | {"bias": False}, batch()),
        Case(sizes, (*batch(), NONE, NO)),
        Case(sizes, one()),
        Case(sizes, (*one(), Chance((S,), 0.3), YES, masks, NO)),
        Case(sizes, (*batch(), pad)),
        Case(sizes, (*batch(), pad, NO)),
        Case(sizes, (*batch(), float_pad, YES, float_mask, NO)),
        Case(sizes, (*batch(), NONE, NO, mask)),
        Case(sizes, (*batch(), pad, NO, mask)),
        Case(sizes, (*batch(), NONE, YES, float_mask, NO)),
        Case(kv, batch(3, 5)),
        Case(kv | extra, (*batch(3, 5), pad, YES, mask)),
        Case(sizes | extra, (*batch(), pad, NO, mask)),
        Case(sizes | extra | {"bias": False}, (*batch(), NONE, YES, NONE, NO)),
        Case(dropped, (*batch(), NONE, NO), training=True),
        Case(dropped, (*batch(), pad, YES, mask, NO), training=True),
        Case(dropped, batch(), label="dropout, evaluating"),
        *(
            Case(sizes, (*_of_length(5), padding, need, causal, YES, YES))
            for padding in (NONE, Chance((B, 5), 0.3))
            for need in (NO, YES)
        ),
    ]


CAUSAL = np.triu(np.ones((5, 5), bool), 1)


def _of_length(n):
    return tuple(Real((n, B, 6), spread=UNIT) for _ in range(3))


def _layer_of(**options):
    """A stack of two such layers, with a norm after them."""

    def build(tree):
        layer = tree.nn.TransformerEncoderLayer(6, 2, 7, **options)
        norm = tree.nn.LayerNorm(6)
        return tree.nn.TransformerEncoder(layer, 2, norm, enable_nested_tensor=False)

    return build


def _with_modules(**options):
    """An activation that is a module, with a state of its own."""
    return lambda tree: tree.nn.TransformerEncoderLayer(
        6, 2, 7, activation=tree.nn.GELU("tanh"), **options
    )


def _encoder_layers() -> list[Case]:
    sizes = {"d_model": 6, "nhead": 2, "dim_feedforward": 7, "dropout": 0.0}
    first = sizes | {"batch_first": True}
    src, batch = Real((S, B, 6), spread=UNIT), Real((B, S, 6), spread=UNIT)
    pad, mask = Chance((B, S), 0.3), Chance((S, S), 0.2)
    causal = Given(CAUSAL)
    dropped = sizes | {"dropout": 0.3}
    return [
        Case(sizes | {"norm_first": True}, (src,)),
        Case(sizes | {"activation": "gelu", "layer_norm_eps": 0.1}, (src,)),
        Case(sizes, (src,)),
        Case(first, (batch,)),
        Case(sizes | {"bias": False}, (src,)),
        Case(sizes, (Real((S, 6), spread=UNIT),)),
        Case(sizes, (src, mask, pad)),
        Case(first | {"norm_first": True}, (batch, Real((S, S), spread=UNIT))),
        Case(sizes, (_of_length(5)[0], causal, NONE, YES)),
        Case(dropped, (src,), training=True),
        Case(first | {"dropout": 0.3}, (batch, NONE, pad), training=True),
        Case(dropped, (src,), label="dropout, evaluating"),
        Case({}, (src,), label="GELU as a module", build=_with_modules(dropout=0.0)),
    ]


def _encoders() -> list[Case]:
    src, batch = Real((S, B, 6), spread=UNIT), Real((B, S, 6), spread=UNIT)
    pad, mask = Chance((B, S), 0.3), Real((S, S), spread=UNIT)
    plain, first = _layer_of(dropout=0.0), _layer_of(dropout=0.0, batch_first=True)
    before = _layer_of(dropout=0.3, norm_first=True, activation="gelu")
    return [
        Case({}, (src,), label="two layers, norm", build=plain),
        Case({}, (batch, NONE, pad), label="padding", build=first),
        Case({}, (src, mask), label="mask of numbers", build=plain),
        Case({}, (_of_length(5)[0], Given(CAUSAL)), label="causal", build=plain),
        Case({}, (src,), training=True, label="dropout, norm first", build=before),
    ]


CASES = {
    "nn.MultiheadAttention": _multihead(),
    "nn.TransformerEncoderLayer": _encoder_layers(),
    "nn.TransformerEncoder": _encoders(),
    "nn.functional.relu": [Case({}, (Real((N, 5), kinks=(0.0,)),))],
    "nn.functional.gelu": [
        Case({}, (Real((N, 5)),)),
        Case({"approximate": "tanh"}, (Real((N, 5)),)),
    ],
    "nn.functional.scaled_dot_product_attention": [
        Case({}, FULL),
        Case({}, EQUAL),
        Case({"is_causal": True}, EQUAL),
        Case({}, (*EQUAL, Chance((L, S), 0.5))),
        Case({}, _qkv(B, HEADS, spread=None)),
        Case({}, _qkv()),
        Case({}, _qkv(B)),
        Case({"scale": 0.3}, FULL),
        Case({"is_causal": True}, FULL),
        Case({"is_causal": True}, _qkv(1, 2, L=LONG, S=LONG, E=4)),
        Case({}, (*FULL, Chance((L, S), 0.8))),
        Case({}, (*FULL, Chance((B, 1, 1, S), 0.3))),
        Case({}, (*FULL, FLOAT_MASK)),
        Case({}, (*FULL, replace(FLOAT_MASK, differentiable=True))),
        Case({}, (*FULL, Real((B, HEADS, L, S), spread=UNIT))),
        Case({}, (*FULL, Real((L, 1), spread=UNIT))),
        Case({"dropout_p": 0.4}, FULL),
        Case({"dropout_p": 1.0}, FULL),
        Case({"dropout_p": 0.4}, (*FULL, Chance((B, 1, L, S), 0.5))),
        Case(
            {"enable_gqa": True},
            (
                Real((B, 6, L, E), spread=UNIT),
                Real((B, 2, S, E), spread=UNIT),
                Real((B, 2, S, 3)),
            ),
        ),
        Case({}, (Exactly((2, L, 4), (0.0, 1.0)), *_qkv(2, E=4)[1:]), label="ties"),
    ],
}
