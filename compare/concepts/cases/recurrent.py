"""Cases for what reads sequences: embeddings, recurrent layers and their cells."""

import numpy as np

from .packed import layers as packed_layers
from .spec import Case, Classes, D, Given, K, N, Real, Size, Together

B = Size("N", large=False)
T = 7
I = 5  # noqa: E741
H = Size("H", large=False)
LONG = Size("L")  # a sequence longer than any block
V = Size("V")
FEW = Size("F", minimum=3, large=False)

INDICES = Classes((...,), V)
TABLE = {"num_embeddings": V, "embedding_dim": K}


def _embeddings() -> list[Case]:
    options = [
        {},
        {"padding_idx": 1},
        {"padding_idx": -1},
        {"scale_grad_by_freq": True},
        {"scale_grad_by_freq": True, "padding_idx": 0},
        {"max_norm": 1.0},
        {"max_norm": 1.0, "norm_type": 1.0},
        {"max_norm": 0.5, "norm_type": float("inf")},
        {"max_norm": 0.5, "norm_type": 3.0},
        {"sparse": True},
        {"sparse": True, "padding_idx": 2},
    ]
    few = {"num_embeddings": FEW, "embedding_dim": K}
    return [
        Case(TABLE, (INDICES,)),
        *(Case(few | o, (Classes((N, 7), FEW),)) for o in options),
        Case({"num_embeddings": 2, "embedding_dim": K}, (Classes((N, 40), 2),)),
    ]


def _bags() -> list[Case]:
    """Bags of equal lengths, and bags cut at offsets, two of them empty."""
    few = {"num_embeddings": FEW, "embedding_dim": K}
    cut = Classes((11,), FEW), Given(np.array([0, 0, 3, 4, 9, 11]))
    ended = Classes((11,), FEW), Given(np.array([0, 4, 4, 10, 11]))
    equal, numbers = Classes((N, 4), FEW), Real((11,))
    cases = []
    for mode in ("mean", "sum", "max"):
        of = {"mode": mode}
        cases += [
            Case(TABLE | of, (Classes((N, 3), V),)),
            Case(few | of, cut),
            Case(few | of | {"padding_idx": 1}, (equal,)),
            Case(few | of | {"padding_idx": -1}, cut),
            Case(few | of | {"include_last_offset": True}, ended),
            Case(few | of | {"max_norm": 0.8, "norm_type": 3.0}, cut),
        ]
        if mode != "max":
            cases += [
                Case(few | of | {"sparse": True}, cut),
                Case(few | of | {"sparse": True, "padding_idx": 2}, (equal,)),
                # Of several rows PyTorch divides by the counts of the wrong ones.
                Case(
                    {**few, **of, "num_embeddings": 1, "scale_grad_by_freq": True},
                    (Classes((11,), 1), cut[1]),
                ),
            ]
    weighted = few | {"mode": "sum"}
    return [
        *cases,
        Case(weighted, (*cut, numbers)),
        Case(weighted | {"padding_idx": 1}, (*cut, numbers)),
        Case(weighted | {"sparse": True}, (*cut, numbers)),
        Case(weighted, (equal, Given(None), Real((N, 4)))),
        Case(few, (cut[0], Given(np.array([0, 3], np.int32)))),
    ]


def _layers(states: int) -> list[Case]:
    """Options of a recurrent layer, without and with first states."""
    sizes = {"input_size": I, "hidden_size": H}
    deep = {"num_layers": 2, "bidirectional": True}
    batch = Real((T, B, I))

    def given(count, hidden=H, batch=(B,)):
        state = Real((count, *batch, hidden))
        if states == 1:
            return state
        return Together((state, Real((count, *batch, H))))

    cases = [
        Case(sizes, (batch,)),
        Case(sizes | {"bias": False}, (batch,)),
        Case(sizes, (batch, given(1))),
        Case(sizes | {"batch_first": True}, (Real((B, T, I)), given(1))),
        Case(sizes | deep, (batch,)),
        Case(sizes | deep, (batch, given(4))),
        Case(sizes | deep | {"batch_first": True}, (Real((T, I)), given(4, batch=()))),
        Case(sizes | {"num_layers": 3, "dropout": 0.5}, (batch,), training=True),
        Case(sizes | deep | {"dropout": 0.3}, (batch,), training=True),
        Case(sizes | deep | {"dropout": 0.3}, (batch,), label="dropout, evaluating"),
        Case({"input_size": 3, "hidden_size": 4}, (Real((LONG, 2, 3)),)),
    ]
    if states == 2:
        projected = {"input_size": I, "hidden_size": H, "proj_size": 2}
        H_above = {"hidden_size": Size("H", minimum=3, large=False)}
        cases += [
            Case(projected | H_above, (batch,)),
            Case(projected | H_above, (batch, given(1, 2))),
            Case(projected | H_above | deep | {"bias": False}, (batch,)),
        ]
    return cases


def _cells(states: int) -> list[Case]:
    sizes = {"input_size": D, "hidden_size": H}

    def given(*batch):
        state = Real((*batch, H))
        return state if states == 1 else Together((state, state))

    return [
        Case(sizes, (Real((N, D)),)),
        Case(sizes, (Real((N, D)), given(N))),
        Case(sizes, (Real((D,)), given())),
        Case(sizes | {"bias": False}, (Real((N, D)), given(N))),
    ]


RELU = {"nonlinearity": "relu"}
# Few numbers: of many, one falls so near to the kink that rounding decides its side.
SMALL = {"input_size": 3, "hidden_size": 4}

CASES = {
    "nn.Embedding": _embeddings(),
    "nn.EmbeddingBag": _bags(),
    "nn.RNN": [
        *_layers(1),
        *packed_layers("RNN"),
        Case(SMALL | RELU, (Real((5, 2, 3)),)),
        Case(SMALL | RELU | {"bidirectional": True}, (Real((3, 3)), Real((2, 4)))),
    ],
    "nn.GRU": [*_layers(1), *packed_layers("GRU")],
    "nn.LSTM": [*_layers(2), *packed_layers("LSTM")],
    "nn.RNNCell": [
        *_cells(1),
        Case(SMALL | RELU, (Real((5, 3)), Real((5, 4)))),
    ],
    "nn.GRUCell": _cells(1),
    "nn.LSTMCell": _cells(2),
}
