"""The transformer, and its encoder."""

import numpy as np

from .._arrays import require_float_array
from ..bases.attention_inputs import hidden
from ..bases.transformer import (
    activation_function,
    around,
    copies,
    feed_forward,
    is_causal_mask,
    self_attention,
    through,
)
from ..module import Module
from . import functional, init
from .attention import MultiheadAttention
from .dropout import Dropout
from .linear import Linear
from .normalization import LayerNorm
from .transformer_decoder import TransformerDecoder, TransformerDecoderLayer

__all__ = ["Transformer", "TransformerEncoder", "TransformerEncoderLayer"]


class TransformerEncoderLayer(Module):
    r"""Self-attention, then two linear maps at every place, each around a shortcut.

    Forward: with $A(x)$ = dropout1(self_attn(x, x, x)) and
    $F(x)$ = dropout2(linear2(dropout(f(linear1(x))))) for the `activation` f,

    $h = \mathrm{norm}_1(x + A(x))$, $y = \mathrm{norm}_2(h + F(h))$, or with
    `norm_first` $h = x + A(\mathrm{norm}_1(x))$, $y = h + F(\mathrm{norm}_2(h))$.

    Backward: a sum hands its gradient to both terms, so a shortcut adds the gradient
    that goes round the block to the one through it. With $N'$, $A'$, $F'$ the ways back
    of the parts, $dz = N_2'(dy)$, $dh = dz + F'(dz)$, $dw = N_1'(dh)$,
    $dx = dw + A'(dw)$; with `norm_first` $dh = dy + N_2'(F'(dy))$,
    $dx = dh + N_1'(A'(dh))$. That of $A$ is the sum over query, key and value.

    `activation` is "relu", "gelu", a module, or a function that returns (y, back). The
    masks are those of `MultiheadAttention`, as is `is_causal`.

    Shape: src and output (S, N, d_model), or (N, S, d_model) with `batch_first`, or
    (S, d_model); src_mask (S, S) or (N * nhead, S, S); src_key_padding_mask (N, S).
    Returns gradients of src and of those masks that were given, None for boolean ones.

    Raises: as `MultiheadAttention`, `Linear`, `Dropout` and `LayerNorm`; RuntimeError
    for an `activation` of an unknown name. Source: Vaswani et al., Attention is all you
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
        self.linear1 = Linear(d_model, dim_feedforward, bias, dtype)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, dtype)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.dropout1 = Dropout(dropout)
        self.dropout2 = Dropout(dropout)
        self.activation = activation_function(activation)

    def forward(self, src, src_mask=None, src_key_padding_mask=None, is_causal=False):
        require_float_array("src", src)
        attend = self_attention(
            self.self_attn, self.dropout1, src_mask, src_key_padding_mask, is_causal
        )
        feed = feed_forward(
            self.linear1, self.activation, self.dropout, self.linear2, self.dropout2
        )
        h, attend_back = around(src, attend, self.norm1, self.norm_first)
        y, feed_back = around(h, feed, self.norm2, self.norm_first)

        def back(dy):
            (dh,) = feed_back(dy)
            dx, *dmasks = attend_back(dh)
            return (dx, *dmasks) if dmasks else dx

        return y, back


class TransformerEncoder(Module):
    r"""A stack of encoder layers, and a `norm` after the last if one is given.

    Forward: $y = \mathrm{norm}(f_k(\dots f_1(x)))$. Backward: the chain rule; masks are
    seen by every layer, so their gradients are sums over the layers.

    The layers are copies of `encoder_layer`, equal to it at first. `is_causal` None
    asks whether `mask` is the causal one. `enable_nested_tensor` and `mask_check` are
    taken for PyTorch's signature: they are about how it evaluates padded batches.

    Shapes: as `TransformerEncoderLayer`. Returns gradients of src and of those masks
    that were given. Raises TypeError for a `num_layers` that is not an int, and on the
    call IndexError if there are no layers.
    """

    def __init__(
        self,
        encoder_layer,
        num_layers,
        norm=None,
        enable_nested_tensor=True,
        mask_check=True,
    ):
        self.layers = copies(encoder_layer, num_layers)
        self.num_layers = num_layers
        self.norm = norm
        self.enable_nested_tensor = enable_nested_tensor
        self.mask_check = mask_check

    def forward(self, src, mask=None, src_key_padding_mask=None, is_causal=None):
        require_float_array("src", src)
        if is_causal is None:
            is_causal = is_causal_mask(mask)
        masks = mask, src_key_padding_mask
        y, through_back = through(self.layers, self.norm, src, *masks, is_causal)

        def back(dy):
            dx, *dmasks = through_back(dy)
            return (dx, *dmasks) if dmasks else dx

        return y, back


class Transformer(Module):
    r"""An encoder reads the source, a decoder writes the target with that as memory.

    Forward: $m = \mathrm{encoder}(s)$, $y = \mathrm{decoder}(t, m)$.

    Backward: $(dt, dm) = \mathrm{decoder}'(dy)$, then $ds = \mathrm{encoder}'(dm)$: all
    that the loss knows of the source it knows by way of the memory.

    Both are stacks of layers with these options, and a `LayerNorm` at the end, unless
    `custom_encoder` or `custom_decoder` is given: a module that is called as
    `TransformerEncoder` or `TransformerDecoder` is, and returns what these do. The
    source and the target are features, with their places added: there are no tables of
    words here, and no output layer.

    All parameters of more than one dimension are drawn by `xavier_uniform_`, those of a
    custom part too.

    Shape: src (S, N, d_model), tgt and output (T, N, d_model), or (N, ..., d_model)
    with `batch_first`, or without N; src_mask (S, S), tgt_mask (T, T), memory_mask
    (T, S), or (N * nhead, ...); src_key_padding_mask (N, S), tgt_key_padding_mask
    (N, T), memory_key_padding_mask (N, S). `src_is_causal` and `tgt_is_causal` None ask
    whether the mask is the causal one. Returns gradients of src and tgt, and of those
    masks that were given, in the order of the arguments, None for boolean ones.

    Raises: as the layers; RuntimeError for batches of two sizes, or features that are
    not `d_model`. Source: Vaswani et al., Attention is all you need, 2017.
    """

    def __init__(
        self,
        d_model=512,
        nhead=8,
        num_encoder_layers=6,
        num_decoder_layers=6,
        dim_feedforward=2048,
        dropout=0.1,
        activation=functional.relu,
        custom_encoder=None,
        custom_decoder=None,
        layer_norm_eps=1e-5,
        batch_first=False,
        norm_first=False,
        bias=True,
        dtype=None,
    ):
        options = {
            "dim_feedforward": dim_feedforward,
            "dropout": dropout,
            "activation": activation,
            "layer_norm_eps": layer_norm_eps,
            "batch_first": batch_first,
            "norm_first": norm_first,
            "bias": bias,
            "dtype": dtype,
        }

        def norm():
            return LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)

        if custom_encoder is None:
            layer = TransformerEncoderLayer(d_model, nhead, **options)
            custom_encoder = TransformerEncoder(layer, num_encoder_layers, norm())
        self.encoder = custom_encoder
        if custom_decoder is None:
            layer = TransformerDecoderLayer(d_model, nhead, **options)
            custom_decoder = TransformerDecoder(layer, num_decoder_layers, norm())
        self.decoder = custom_decoder
        self._reset_parameters()
        self.d_model = d_model
        self.nhead = nhead
        self.batch_first = batch_first

    def _reset_parameters(self):
        for parameter in self.parameters():
            if parameter.ndim > 1:
                init.xavier_uniform_(parameter)

    @staticmethod
    def generate_square_subsequent_mask(sz, dtype=None):
        """The causal mask (sz, sz): minus infinity where a key comes later, else 0."""
        return hidden(~np.tri(sz, dtype=bool), np.dtype(dtype or np.float32))

    def forward(
        self,
        src,
        tgt,
        src_mask=None,
        tgt_mask=None,
        memory_mask=None,
        src_key_padding_mask=None,
        tgt_key_padding_mask=None,
        memory_key_padding_mask=None,
        src_is_causal=None,
        tgt_is_causal=None,
        memory_is_causal=False,
    ):
        self._require_fitting(src, tgt)
        memory, encoder_back = self.encoder(
            src,
            mask=src_mask,
            src_key_padding_mask=src_key_padding_mask,
            is_causal=src_is_causal,
        )
        y, decoder_back = self.decoder(
            tgt,
            memory,
            tgt_mask=tgt_mask,
            memory_mask=memory_mask,
            tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask,
            tgt_is_causal=tgt_is_causal,
            memory_is_causal=memory_is_causal,
        )

        def back(dy):
            dtgt, dmemory, *of_decoder = decoder_back(dy)
            found = encoder_back(dmemory)
            dsrc, *of_encoder = found if isinstance(found, tuple) else (found,)
            dmasks = [
                (of_encoder if part == "encoder" else of_decoder).pop(0)
                for part, mask in (
                    ("encoder", src_mask),
                    ("decoder", tgt_mask),
                    ("decoder", memory_mask),
                    ("encoder", src_key_padding_mask),
                    ("decoder", tgt_key_padding_mask),
                    ("decoder", memory_key_padding_mask),
                )
                if mask is not None
            ]
            return dsrc, dtgt, *dmasks

        return y, back

    def _require_fitting(self, src, tgt):
        for name, x in ("src", src), ("tgt", tgt):
            require_float_array(name, x)
            if x.ndim == 0 or x.shape[-1] != self.d_model:
                raise RuntimeError(
                    f"{name}: shape {x.shape} does not end in d_model = {self.d_model}"
                )
        batch = 0 if self.batch_first else 1
        if src.ndim == tgt.ndim == 3 and src.shape[batch] != tgt.shape[batch]:
            raise RuntimeError(
                f"tgt: shape {tgt.shape} is of another batch than src of {src.shape}"
            )
