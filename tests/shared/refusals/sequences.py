"""Embeddings, recurrent layers and attention."""

import numpy as np

from .spec import ONE, of, table


def _sequences() -> dict:
    ones = np.ones((5, 2, 3))
    states = np.ones((1, 2, 4)), np.ones((1, 2, 5))
    rows = table(
        "Embedding",
        "input",
        {
            "too large": of("Embedding", num_embeddings=3, embedding_dim=2)(
                np.array([0, 3])
            ),
            "negative": of("Embedding", num_embeddings=3, embedding_dim=2)(
                np.array([-1])
            ),
            "floats": of("Embedding", num_embeddings=3, embedding_dim=2)(ONE),
        },
    )
    rows["Embedding, padding_idx: too large"] = (
        "padding_idx",
        lambda s: s.nn.Embedding(3, 2, padding_idx=3),
    )
    for name in ("RNN", "GRU", "LSTM"):
        layer = of(name, input_size=3, hidden_size=4)
        wrong = {"features": ones[..., :2], "dimensions": ones[0, 0]}
        wrong |= {"no steps": ones[:0], "integers": np.ones((5, 2, 3), int)}
        rows |= table(name, "input", {k: layer(x) for k, x in wrong.items()})
        first = states if name == "LSTM" else states[1]
        rows[f"{name}, hx: of another size"] = (
            "hx",
            lambda s, name=name, first=first: getattr(s.nn, name)(3, 4)(
                s(ones), tuple(map(s, first)) if name == "LSTM" else s(first)
            ),
        )
        for option, value in {
            "hidden_size": 0,
            "num_layers": 0,
            "bias": 1,
            "batch_first": "a",
            "dropout": 1.5,
        }.items():
            options = {"input_size": 3, "hidden_size": 4, option: value}
            call = of(name, **options)(ones)
            rows[f"{name}, {option}: {value!r}"] = (option, call)
        cell = of(f"{name}Cell", input_size=3, hidden_size=4)
        wrong = {"features": ones[0, :, :2], "dimensions": ones}
        rows |= table(f"{name}Cell", "input", {k: cell(x) for k, x in wrong.items()})
    rows["RNN, nonlinearity: unknown"] = (
        "nonlinearity",
        lambda s: s.nn.RNN(3, 4, nonlinearity="gelu"),
    )
    attend = of("MultiheadAttention", embed_dim=3, num_heads=1)
    mask = np.zeros((5, 4), bool)
    rows["MultiheadAttention, query: features"] = (
        "query",
        attend(ones[..., :2], ones, ones),
    )
    rows["MultiheadAttention, value: steps"] = ("value", attend(ones, ones, ones[:4]))
    rows["MultiheadAttention, num_heads: no divisor"] = (
        "num_heads",
        lambda s: s.nn.MultiheadAttention(4, 3),
    )
    rows["MultiheadAttention, attn_mask: shape"] = (
        "attn_mask",
        lambda s: s.nn.MultiheadAttention(3, 1)(*[s(ones)] * 3, None, True, s(mask)),
    )
    rows["MultiheadAttention, key_padding_mask: shape"] = (
        "key_padding_mask",
        lambda s: s.nn.MultiheadAttention(3, 1)(*[s(ones)] * 3, s(mask)),
    )
    rows["TransformerEncoderLayer, activation: unknown"] = (
        "activation",
        lambda s: s.nn.TransformerEncoderLayer(4, 2, activation="tanh"),
    )
    rows["TransformerEncoder, num_layers: a fraction"] = (
        "num_layers",
        lambda s: s.nn.TransformerEncoder(
            s.nn.TransformerEncoderLayer(4, 2), 1.5, enable_nested_tensor=False
        ),
    )
    return rows


REFUSED = _sequences()
