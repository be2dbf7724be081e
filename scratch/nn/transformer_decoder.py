"""The decoder of the transformer."""

from .._arrays import require_float_array
from ..bases.transformer import (
    activation_function,
    around,
    copies,
    cross_attention,
    feed_forward,
    is_causal_mask,
    self_attention,
    through,
)
from ..module import Module
from . import functional
from .attention import MultiheadAttention
from .dropout import Dropout
from .linear import Linear
from .normalization import LayerNorm

__all__ = ["TransformerDecoder", "TransformerDecoderLayer"]


class TransformerDecoderLayer(Module):
    r"""An encoder layer that looks things up in a memory between its two halves.

    Forward: with $m$ the memory, $A(x)$ = dropout1(self_attn(x, x, x)),
    $C(x, m)$ = dropout2(multihead_attn(x, m, m)), and
    $F(x)$ = dropout3(linear2(dropout(f(linear1(x))))) for the `activation` f,

    $h = \mathrm{norm}_1(x + A(x))$, $k = \mathrm{norm}_2(h + C(h, m))$,
    $y = \mathrm{norm}_3(k + F(k))$, or with `norm_first`
    $h = x + A(\mathrm{norm}_1(x))$, $k = h + C(\mathrm{norm}_2(h), m)$,
    $y = k + F(\mathrm{norm}_3(k))$.

    Backward: a shortcut adds the gradient that goes round the block to the one through
    it, as in `TransformerEncoderLayer`. With $'$ for a way back,
    $dv = N_3'(dy)$, $dk = dv + F'(dv)$, $dw = N_2'(dk)$, $(dq, dm) = C'(dw)$,
    $dh = dw + dq$, $du = N_1'(dh)$, $dx = du + A'(du)$; with `norm_first`
    $dk = dy + N_3'(F'(dy))$, $(dq, dm) = C'(dk)$, $dh = dk + N_2'(dq)$,
    $dx = dh + N_1'(A'(dh))$. The memory is both keys and values, so $dm$ is the sum of
    the gradients of both.

    The masks are those of `MultiheadAttention`, as is what `tgt_is_causal` and
    `memory_is_causal` say of them. `activation`: as in `TransformerEncoderLayer`.

    Shape: tgt and output (T, N, d_model), memory (S, N, d_model), or (N, ..., d_model)
    with `batch_first`, or without N; tgt_mask (T, T), memory_mask (T, S), or
    (N * nhead, ...); tgt_key_padding_mask (N, T), memory_key_padding_mask (N, S).
    Returns gradients of tgt and memory, and of those masks that were given, in the
    order of the arguments, None for boolean ones.

    Raises: as `TransformerEncoderLayer`. Source: Vaswani et al., Attention is all you
    need, 2017; `norm_first`: Xiong et al., On layer normalization in the transformer
    architecture, 2020.
    """

    def __init__(
        self,
        d_model,
        nhead,
        dim_feedforward=2048,
        dropout=0.1,
        activation=functional.relu,
        layer_norm_eps=1e-5,
        batch_first=False,
        norm_first=False,
        bias=True,
        dtype=None,
    ):
        self.self_attn = MultiheadAttention(
            d_model, nhead, dropout, bias, batch_first=batch_first, dtype=dtype
        )
        self.multihead_attn = MultiheadAttention(
            d_model, nhead, dropout, bias, batch_first=batch_first, dtype=dtype
        )
        self.linear1 = Linear(d_model, dim_feedforward, bias, dtype)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, dtype)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm3 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.dropout1 = Dropout(dropout)
        self.dropout2 = Dropout(dropout)
        self.dropout3 = Dropout(dropout)
        self.activation = activation_function(activation)

    def forward(
        self,
        tgt,
        memory,
        tgt_mask=None,
        memory_mask=None,
        tgt_key_padding_mask=None,
        memory_key_padding_mask=None,
        tgt_is_causal=False,
        memory_is_causal=False,
    ):
        require_float_array("tgt", tgt)
        require_float_array("memory", memory)
        own = tgt_mask, tgt_key_padding_mask
        others = memory_mask, memory_key_padding_mask
        attend = self_attention(self.self_attn, self.dropout1, *own, tgt_is_causal)
        look_up = cross_attention(
            self.multihead_attn, self.dropout2, memory, *others, memory_is_causal
        )
        feed = feed_forward(
            self.linear1, self.activation, self.dropout, self.linear2, self.dropout3
        )
        h, attend_back = around(tgt, attend, self.norm1, self.norm_first)
        k, look_up_back = around(h, look_up, self.norm2, self.norm_first)
        y, feed_back = around(k, feed, self.norm3, self.norm_first)

        def back(dy):
            (dk,) = feed_back(dy)
            dh, dmemory, *dothers = look_up_back(dk)
            dx, *down = attend_back(dh)
            found = [
                ways.pop(0)
                for masks in zip(own, others, strict=True)
                for mask, ways in zip(masks, (down, dothers), strict=True)
                if mask is not None
            ]
            return dx, dmemory, *found

        return y, back


class TransformerDecoder(Module):
    r"""A stack of decoder layers, and a `norm` after the last if one is given.

    Forward: $y = \mathrm{norm}(f_k(\dots f_1(x, m) \dots, m))$. Backward: the chain
    rule; the memory and the masks are seen by every layer, so their gradients are sums
    over the layers.

    The layers are copies of `decoder_layer`, equal to it at first. `tgt_is_causal` None
    asks whether `tgt_mask` is the causal one.

    Shapes: as `TransformerDecoderLayer`. Returns gradients of tgt, of memory and of
    those masks that were given. Raises TypeError for a `num_layers` that is not an int,
    and on the call IndexError if there are no layers.
    """

    def __init__(self, decoder_layer, num_layers, norm=None):
        self.layers = copies(decoder_layer, num_layers)
        self.num_layers = num_layers
        self.norm = norm

    def forward(
        self,
        tgt,
        memory,
        tgt_mask=None,
        memory_mask=None,
        tgt_key_padding_mask=None,
        memory_key_padding_mask=None,
        tgt_is_causal=None,
        memory_is_causal=False,
    ):
        require_float_array("tgt", tgt)
        if tgt_is_causal is None:
            tgt_is_causal = is_causal_mask(tgt_mask)
        return through(
            self.layers,
            self.norm,
            tgt,
            memory,
            tgt_mask,
            memory_mask,
            tgt_key_padding_mask,
            memory_key_padding_mask,
            tgt_is_causal,
            memory_is_causal,
        )
