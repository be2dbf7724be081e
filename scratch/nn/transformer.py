"""The encoder of the transformer."""

import copy

import numpy as np

from .._arrays import require_float_array, require_int
from ..module import Module
from . import functional
from ._attention_inputs import hidden
from .attention import MultiheadAttention
from .dropout import Dropout
from .linear import Linear
from .normalization import LayerNorm

__all__ = ["TransformerEncoder", "TransformerEncoderLayer"]

_ACTIVATIONS = {"relu": functional.relu, "gelu": functional.gelu}


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
        if isinstance(activation, str):
            if activation not in _ACTIVATIONS:
                raise RuntimeError(
                    f"activation: 'relu' or 'gelu' was expected, got {activation!r}"
                )
            activation = _ACTIVATIONS[activation]
        self.activation = activation

    def forward(self, src, src_mask=None, src_key_padding_mask=None, is_causal=False):
        require_float_array("src", src)
        masks = src_mask, src_key_padding_mask

        def attended(x):
            return self._attended(x, *masks, is_causal)

        if self.norm_first:
            n, norm1_back = self.norm1(src)
            a, a_back = attended(n)
            h = src + a
            n, norm2_back = self.norm2(h)
            f, f_back = self._fed_forward(n)
            y = h + f
        else:
            a, a_back = attended(src)
            h, norm1_back = self.norm1(src + a)
            f, f_back = self._fed_forward(h)
            y, norm2_back = self.norm2(h + f)

        def back(dy):
            if self.norm_first:
                dh = dy + norm2_back(f_back(dy))
                da, dmasks = a_back(dh)
                dx = dh + norm1_back(da)
            else:
                dz = norm2_back(dy)
                dw = norm1_back(dz + f_back(dz))
                da, dmasks = a_back(dw)
                dx = dw + da
            return (dx, *dmasks) if dmasks else dx

        return y, back

    def _attended(self, x, src_mask, src_key_padding_mask, is_causal):
        (a, _), attention_back = self.self_attn(
            x, x, x, src_key_padding_mask, False, src_mask, True, is_causal
        )
        a, dropout_back = self.dropout1(a)

        def back(da):
            dq, dk, dv, *dmasks = attention_back(dropout_back(da))
            return dq + dk + dv, dmasks[::-1]  # src_mask comes first here

        return a, back

    def _fed_forward(self, x):
        backs = []
        parts = self.linear1, self.activation, self.dropout, self.linear2, self.dropout2
        for part in parts:
            x, back = part(x)
            backs.append(back)

        def fed_forward_back(dy):
            for back in reversed(backs):
                dy = back(dy)
            return dy

        return x, fed_forward_back


class ModuleList(Module):
    """Layers under "0", "1", ...; it prints as PyTorch's does, equal ones once."""

    def __init__(self, layers):
        for i, layer in enumerate(layers):
            self.add_module(str(i), layer)

    def __iter__(self):
        return iter(list(self.children()))

    def __repr__(self):
        runs = []
        for i, layer in enumerate(self):
            if runs and runs[-1][2] == repr(layer):
                runs[-1][1] = i
            else:
                runs.append([i, i, repr(layer)])
        lines = [
            f"({i}): {text}" if i == j else f"({i}-{j}): {j - i + 1} x {text}"
            for i, j, text in runs
        ]
        body = "\n".join(lines).replace("\n", "\n  ")
        return f"ModuleList(\n  {body}\n)" if lines else "ModuleList()"


class TransformerEncoder(Module):
    r"""A stack of encoder layers, and a `norm` after the last if one is given.

    Forward: $y = \mathrm{norm}(f_k(\dots f_1(x)))$. Backward: the chain rule; masks are
    seen by every layer, so their gradients are sums over the layers.

    The layers are copies of `encoder_layer`, equal to it at first. `is_causal` None
    asks whether `mask` is the causal one. `enable_nested_tensor` and `mask_check` are
    taken for PyTorch's signature: they are about how it evaluates padded batches.

    Shapes: as `TransformerEncoderLayer`. Returns gradients of src and of those masks
    that were given. Raises TypeError for a `num_layers` that is not an int.
    """

    def __init__(
        self,
        encoder_layer,
        num_layers,
        norm=None,
        enable_nested_tensor=True,
        mask_check=True,
    ):
        require_int("num_layers", num_layers)
        self.layers = ModuleList(
            copy.deepcopy(encoder_layer) for _ in range(num_layers)
        )
        self.num_layers = num_layers
        self.norm = norm
        self.enable_nested_tensor = enable_nested_tensor
        self.mask_check = mask_check

    def forward(self, src, mask=None, src_key_padding_mask=None, is_causal=None):
        require_float_array("src", src)
        if is_causal is None:
            is_causal = mask is not None and _is_causal(mask)
        x, backs = src, []
        for layer in self.layers:
            x, back = layer(x, mask, src_key_padding_mask, is_causal)
            backs.append(back)
        norm_back = None
        if self.norm is not None:
            x, norm_back = self.norm(x)
        given = sum(m is not None for m in (mask, src_key_padding_mask))

        def encoder_back(dx):
            if norm_back is not None:
                dx = norm_back(dx)
            dmasks = [None] * given
            for back in reversed(backs):
                if not given:
                    dx = back(dx)
                    continue
                dx, *found = back(dx)
                for i, d in enumerate(found):
                    if d is not None:
                        dmasks[i] = d if dmasks[i] is None else dmasks[i] + d
            return (dx, *dmasks) if given else dx

        return x, encoder_back


def _is_causal(mask) -> bool:
    """Whether a mask (S, S) hides just what comes after each place."""
    if mask.ndim != 2 or mask.shape[0] != mask.shape[1]:
        return False
    added = hidden(mask, np.dtype(np.float64))
    causal = hidden(~np.tri(len(mask), dtype=bool), added.dtype)
    return np.array_equal(added, causal)
