"""Attention with learned projections."""

import math

import numpy as np

from .._arrays import (
    Detached,
    product_over_rows,
    require_int,
    require_number,
    sum_rows,
    unbroadcast,
)
from ..bases.attention_inputs import added_masks, hidden, require_inputs
from ..kernels.attention import attend
from ..module import Module, Parameter
from . import init
from .dropout import Dropout
from .linear import Linear

__all__ = ["MultiheadAttention"]


class NonDynamicallyQuantizableLinear(Linear):
    """A `Linear` under the name by which PyTorch prints this one."""


class MultiheadAttention(Module):
    r"""Attention in several subspaces at once, each with projections of its own.

    Forward: with $Q = X_q W_q^\top + b_q$, $K = X_k W_k^\top + b_k$ and
    $V = X_v W_v^\top + b_v$ cut into `num_heads` pieces of $d$ features,

    $P_h = \mathrm{softmax}(Q_h K_h^\top / \sqrt d + M)$ and
    $Y = [P_1 V_1, \dots, P_H V_H]\, W_o^\top + b_o$.

    Backward: that of `Linear`, of `functional.scaled_dot_product_attention` for each
    head, and of `Linear` again; the pieces of $dQ$, $dK$ and $dV$ lie side by side, as
    those of $Q$, $K$ and $V$ do. Where the weights are an output too, their gradient
    $G$ joins: $dP_h = dO_h V_h^\top + G / H$, without the $1 / H$ unless they are
    averaged. With one array as query, key and value, its gradient is the sum of three.

    Masks: `attn_mask` (L, S) or (N * num_heads, L, S) and `key_padding_mask` (N, S) are
    True where a key is *not* seen, or numbers that are added to the scores; given both,
    both hold. `is_causal` says that `attn_mask` is the causal mask, which is then not
    looked at unless it has to be. A query that sees no key gets NaN with
    `need_weights`, and zeros from its heads without, as in PyTorch.

    `add_bias_kv` adds a learned key and value, `add_zero_attn` one of zeros, to what
    all queries see. Weights are dropped with probability `dropout` while training.

    Parameters are drawn as PyTorch draws them: the projections by `xavier_uniform_`,
    `bias_k` and `bias_v` by `xavier_normal_`, other biases are zeros.

    Shape: query (L, N, embed_dim), key (S, N, kdim), value (S, N, vdim), or (N, L, ...)
    with `batch_first`, or without N; output like query; weights (N, L, S), or
    (N, num_heads, L, S) without `average_attn_weights`, None without `need_weights`.
    Returns gradients of query, key and value, then of those masks that were given, None
    for boolean ones.

    Raises:
        TypeError: a size is not an int; an input is not an array.
        ValueError: a size is not positive.
        AssertionError: `num_heads` does not divide `embed_dim`; inputs or masks are of
            shapes or dtypes that do not go together.
        RuntimeError: `attn_mask` has another shape than expected, or is missing where
            `is_causal` says that it is causal; a dtype is not that of the weights.

    Source: Vaswani et al., Attention is all you need, 2017.
    """

    def __init__(
        self,
        embed_dim,
        num_heads,
        dropout=0.0,
        bias=True,
        add_bias_kv=False,
        add_zero_attn=False,
        kdim=None,
        vdim=None,
        batch_first=False,
        dtype=None,
    ):
        dtype = dtype or np.float32
        kdim = embed_dim if kdim is None else kdim
        vdim = embed_dim if vdim is None else vdim
        sizes = {"embed_dim": embed_dim, "num_heads": num_heads}
        for name, n in (sizes | {"kdim": kdim, "vdim": vdim}).items():
            require_int(name, n)
            if n <= 0 and name in sizes:
                raise ValueError(f"{name}: a number above 0 was expected, got {n}")
        if embed_dim % num_heads:
            raise AssertionError(
                f"num_heads: {num_heads} does not divide embed_dim = {embed_dim}"
            )
        require_number("dropout", dropout)
        self.embed_dim, self.kdim, self.vdim = embed_dim, kdim, vdim
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.dropout = dropout
        self.batch_first = batch_first
        self.add_zero_attn = add_zero_attn

        def empty(*shape):
            return Parameter(np.empty(shape, dtype))

        self._qkv_same_embed_dim = kdim == vdim == embed_dim
        if self._qkv_same_embed_dim:
            self.in_proj_weight = empty(3 * embed_dim, embed_dim)
            self.q_proj_weight = self.k_proj_weight = self.v_proj_weight = None
        else:
            self.q_proj_weight = empty(embed_dim, embed_dim)
            self.k_proj_weight = empty(embed_dim, kdim)
            self.v_proj_weight = empty(embed_dim, vdim)
            self.in_proj_weight = None
        self.in_proj_bias = empty(3 * embed_dim) if bias else None
        self.bias_k = empty(1, 1, embed_dim) if add_bias_kv else None
        self.bias_v = empty(1, 1, embed_dim) if add_bias_kv else None
        self.out_proj = NonDynamicallyQuantizableLinear(
            embed_dim, embed_dim, bias=bias, dtype=dtype
        )
        self._reset_parameters()

    def _reset_parameters(self):
        for weight in self._projections():
            init.xavier_uniform_(weight)
        if self.in_proj_bias is not None:
            init.zeros_(self.in_proj_bias)
            init.zeros_(self.out_proj.bias)
        if self.bias_k is not None:
            init.xavier_normal_(self.bias_k)
            init.xavier_normal_(self.bias_v)

    def _projections(self) -> list[Parameter]:
        if self._qkv_same_embed_dim:
            return [self.in_proj_weight]
        return [self.q_proj_weight, self.k_proj_weight, self.v_proj_weight]

    def forward(
        self,
        query,
        key,
        value,
        key_padding_mask=None,
        need_weights=True,
        attn_mask=None,
        average_attn_weights=True,
        is_causal=False,
    ):
        require_inputs(self, query, key, value)
        inputs = query, key, value
        batched = query.ndim == 3
        q, k, v = (self._projected(part, x) for part, x in enumerate(inputs))
        (N, L, _), S = q.shape, k.shape[1]
        masks = added_masks(
            attn_mask, key_padding_mask, batched, N, self.num_heads, L, S, q.dtype
        )
        k, v = self._with_extra_keys(k, v)
        if is_causal and attn_mask is None:
            raise RuntimeError("attn_mask: none was given, and is_causal = True")
        bias = None
        if is_causal and key_padding_mask is None and not need_weights:
            bias = hidden(~np.tri(L, k.shape[1], dtype=bool), q.dtype)
            masks = {}
        for mask in masks.values():
            padded = np.pad(mask, [(0, 0)] * 3 + [(0, k.shape[1] - S)])
            bias = padded if bias is None else bias + padded
        scale = math.sqrt(1 / self.head_dim)
        heads = [self._heads(x) for x in (q, k, v)]
        o, weights, attend_back = attend(
            *heads,
            scale,
            bias,
            Dropout(self.dropout) if self.training and self.dropout else None,
            masked_is_zero=not need_weights,
        )
        # In the order of steps, in which PyTorch lays it out: dropout masks follow it.
        steps, out_back = self.out_proj(self._joined(o).transpose(1, 0, 2))
        y = self._outside(steps.transpose(1, 0, 2), batched)
        w = None
        if need_weights:
            w = weights()
            w = w.mean(axis=1) if average_attn_weights else w
            w = w if batched else w[0]

        def back(dy=None, dw=None):
            dy = np.zeros(y.shape, y.dtype) if dy is None else dy
            do = out_back(self._inside(dy, batched).transpose(1, 0, 2))
            do = self._heads(do.transpose(1, 0, 2))
            if dw is not None:
                dw = dw if batched else dw[None]
                if average_attn_weights:
                    dw = np.expand_dims(dw / dw.dtype.type(self.num_heads), 1)
            given = {"key_padding_mask": key_padding_mask, "attn_mask": attn_mask}
            given = {name: mask for name, mask in given.items() if mask is not None}
            learned = [
                name
                for name, mask in given.items()
                if name in masks
                and mask.dtype != bool
                and not isinstance(mask, Detached)
            ]
            *d, dbias = attend_back(do, dw, with_bias=bool(learned))
            d = [self._joined(g) for g in d]
            d[1:] = self._without_extra_keys(d[1:], S)
            dmasks = [
                unbroadcast(dbias[..., :S], masks[name].shape).reshape(mask.shape)
                if name in learned
                else None
                for name, mask in given.items()
            ]
            return (*self._projected_back(inputs, d), *dmasks)

        return (y, w), back

    # Between the caller's layout and (N, L, features), and heads (N, H, L, d): views.

    def _inside(self, x, batched):
        if not batched:
            return x[None]
        return x if self.batch_first else x.transpose(1, 0, 2)

    def _outside(self, x, batched):
        if not batched:
            return x[0]
        return x if self.batch_first else x.transpose(1, 0, 2)

    def _heads(self, x):
        heads = x.reshape(*x.shape[:2], self.num_heads, self.head_dim)
        return heads.transpose(0, 2, 1, 3)

    def _joined(self, heads):
        N, _, length, _ = heads.shape
        return heads.transpose(0, 2, 1, 3).reshape(N, length, self.embed_dim)

    # The three projections: `part` 0 is the query's, 1 the key's, 2 the value's.

    def _part(self, part, parameter):
        """The rows of a packed parameter that belong to one of the three."""
        if parameter is None:
            return None
        return parameter[part * self.embed_dim : (part + 1) * self.embed_dim]

    def _weight(self, part):
        if self._qkv_same_embed_dim:
            return self._part(part, self.in_proj_weight.data)
        return self._projections()[part].data

    def _projected(self, part, x):
        """x W^T + b, as (N, L, embed_dim), laid out in memory as x is."""
        W = self._weight(part)
        Y = np.asarray(x).reshape(-1, x.shape[-1]) @ W.T
        if self.in_proj_bias is not None:
            Y += self._part(part, self.in_proj_bias.data)
        return self._inside(Y.reshape(*x.shape[:-1], self.embed_dim), x.ndim == 3)

    def _projected_back(self, inputs, d):
        """Gradients of the three inputs; those of the parameters are accumulated."""
        gradients, dWs, dbs = [], [], []
        for part, (x, dY) in enumerate(zip(inputs, d, strict=True)):
            dY = self._outside(dY, x.ndim == 3).reshape(-1, self.embed_dim)
            X = np.asarray(x).reshape(len(dY), x.shape[-1])
            dWs.append(product_over_rows(dY, X))
            dbs.append(sum_rows(dY))
            dX = None
            if not isinstance(x, Detached):
                dX = (dY @ self._weight(part)).reshape(x.shape)
            gradients.append(dX)
        if self._qkv_same_embed_dim:
            self.in_proj_weight.accumulate(np.concatenate(dWs))
        else:
            for parameter, dW in zip(self._projections(), dWs, strict=True):
                parameter.accumulate(dW)
        if self.in_proj_bias is not None:
            self.in_proj_bias.accumulate(np.concatenate(dbs))
        return gradients

    def _with_extra_keys(self, k, v):
        """The learned key and value, and those of zeros, after all others."""
        parts = [[k], [v]]
        shape = len(k), 1, self.embed_dim
        if self.bias_k is not None:
            for part, parameter in zip(parts, (self.bias_k, self.bias_v), strict=True):
                part.append(np.broadcast_to(parameter.data, shape))
        if self.add_zero_attn:
            for part in parts:
                part.append(np.zeros(shape, k.dtype))
        return [p[0] if len(p) == 1 else np.concatenate(p, axis=1) for p in parts]

    def _without_extra_keys(self, d, S):
        if self.bias_k is not None:
            for parameter, g in zip((self.bias_k, self.bias_v), d, strict=True):
                parameter.accumulate(sum_rows(g[:, S]).reshape(parameter.shape))
        return [g[:, :S] for g in d]
