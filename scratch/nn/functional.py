"""Functions without parameters, under the names of `torch.nn.functional`.

Each returns `(y, back)`, as a module does.
"""

import math

import numpy as np

from .._arrays import Detached, require_array, require_float_array, require_number
from .._arrays import unbroadcast as _unbroadcast
from ..kernels.attention import attend
from .dropout import Dropout
from .gate import GELU
from .rectifier import ReLU

__all__ = ["gelu", "relu", "scaled_dot_product_attention"]


def relu(input, inplace=False):
    r"""`nn.ReLU` as a function: $y = \max(x, 0)$."""
    return ReLU(inplace)(input)


def gelu(input, approximate="none"):
    r"""`nn.GELU` as a function: $y = x\, \Phi(x)$."""
    return GELU(approximate)(input)


def scaled_dot_product_attention(
    query,
    key,
    value,
    attn_mask=None,
    dropout_p=0.0,
    is_causal=False,
    scale=None,
    enable_gqa=False,
):
    r"""Each query gets the mean of the values, weighted by how well their keys fit it.

    Forward: $S = c\, Q K^\top + M$ with $c$ = `scale`, or $1 / \sqrt E$ without it;
    $P_{ls} = e^{S_{ls}} / \sum_j e^{S_{lj}}$, the softmax of each row; $O = P V$.
    Dot products of E independent numbers grow as $\sqrt E$; the scale undoes that, else
    the softmax would saturate.

    Backward: from $O = P V$, $dV = P^\top dO$ and $dP = dO\, V^\top$. A row of the
    softmax has $\partial P_s / \partial S_j = P_s ([s = j] - P_j)$, so
    $dS_j = P_j\,(dP_j - \sum_s P_s\, dP_s)$.
    At last $dQ = c\, dS\, K$, $dK = c\, dS^\top Q$, and $dM = dS$, summed over what it
    was broadcast to.

    `attn_mask`: True where a key takes part, or numbers that are added to the scores.
    `is_causal`: query l sees the keys 0 to l. A query that sees no key at all gets
    zeros, and no gradient. With `dropout_p` > 0 weights are dropped, always: there is
    no evaluation mode here; in the formulas $P$ is then $P \odot D$ in the products
    with $V$, and $dP = D \odot dO\, V^\top$. `enable_gqa`: groups of query heads share
    a key and a value head, whose gradients are sums over their group.

    Shape: query (*, H, L, E), key (*, H, S, E), value (*, H, S, Ev), output
    (*, H, L, Ev); `attn_mask` can be broadcast to (*, H, L, S). Returns gradients of
    query, key, value and, if there is one, of the mask (None for a boolean one).

    Raises:
        TypeError: an input is not an array, `scale` no number.
        RuntimeError: shapes or dtypes do not go together; `dropout_p` is outside
            [0, 1]; `attn_mask` and `is_causal` are both given.

    Source: Vaswani et al., Attention is all you need, 2017.
    """
    _require_inputs(query, key, value, attn_mask, dropout_p, is_causal, scale)
    dtype = query.dtype
    q, k, v = (np.asarray(x) for x in (query, key, value))
    if enable_gqa:
        k, v = (_repeated(name, q, x) for name, x in (("key", k), ("value", v)))
    shapes = q.shape, k.shape, v.shape
    try:
        leading = np.broadcast_shapes(*(shape[:-2] for shape in shapes))
    except ValueError:
        raise RuntimeError(
            f"query: shape {q.shape} does not go with key of {k.shape} and value of "
            f"{v.shape}"
        ) from None
    q, k, v = (np.broadcast_to(x, (*leading, *x.shape[-2:])) for x in (q, k, v))
    if scale is None:
        scale = 1 / math.sqrt(q.shape[-1]) if q.shape[-1] else 1.0
    bias = _bias(attn_mask, is_causal, (*leading, q.shape[-2], k.shape[-2]), dtype)
    drop = Dropout(dropout_p) if dropout_p else None
    o, _, attend_back = attend(q, k, v, scale, bias, drop)
    learned = (
        attn_mask is not None
        and attn_mask.dtype != bool
        and not isinstance(attn_mask, Detached)
    )

    def back(do):
        *found, dmask = attend_back(do, with_bias=learned)
        d = [_unbroadcast(g, s) for g, s in zip(found, shapes, strict=True)]
        if enable_gqa:
            d[1:] = (_added(g, x) for g, x in zip(d[1:], (key, value), strict=True))
        if attn_mask is not None:
            d.append(_unbroadcast(dmask, attn_mask.shape) if learned else None)
        return tuple(d)

    return o, back


def _require_inputs(query, key, value, attn_mask, dropout_p, is_causal, scale):
    inputs = ("query", query), ("key", key), ("value", value)
    for name, x in inputs:
        require_float_array(name, x)
        if x.ndim < 2:
            raise RuntimeError(
                f"{name}: 2 dimensions or more were expected, got shape {x.shape}"
            )
        if x.dtype != query.dtype:
            raise RuntimeError(
                f"{name}: dtype {x.dtype} does not go with query of {query.dtype}"
            )
    if query.shape[-1] != key.shape[-1]:
        raise RuntimeError(
            f"key: shape {key.shape} does not go with query of {query.shape}"
        )
    if key.shape[-2] != value.shape[-2]:
        raise RuntimeError(
            f"value: shape {value.shape} does not go with key of {key.shape}"
        )
    require_number("dropout_p", dropout_p)
    if not 0 <= dropout_p <= 1:
        raise RuntimeError(
            f"dropout_p: a probability in [0, 1] was expected, got {dropout_p}"
        )
    if scale is not None:
        require_number("scale", scale)
    if attn_mask is None:
        return
    require_array("attn_mask", attn_mask)
    if is_causal:
        raise RuntimeError("attn_mask: one was given, and is_causal = True")
    if attn_mask.dtype not in (bool, query.dtype):
        raise RuntimeError(
            f"attn_mask: dtype bool or {query.dtype} was expected, "
            f"got {attn_mask.dtype}"
        )


def _bias(attn_mask, is_causal, shape, dtype):
    """What is added to the scores: 0 and minus infinity for a boolean mask."""
    if is_causal:
        attn_mask = np.tri(*shape[-2:], dtype=bool)
    if attn_mask is None:
        return None
    try:
        fits = np.broadcast_shapes(attn_mask.shape, shape) == shape
    except ValueError:
        fits = False
    if not fits:
        raise RuntimeError(
            f"attn_mask: shape {attn_mask.shape} cannot be broadcast to the scores of "
            f"shape {shape}"
        )
    if attn_mask.dtype == bool:
        return np.where(attn_mask, dtype.type(0), dtype.type(-np.inf))
    return attn_mask


def _repeated(name, q, x):
    """Every head as often as there are query heads for it."""
    if q.ndim < 3 or x.ndim < 3 or q.shape[-3] % max(x.shape[-3], 1):
        raise RuntimeError(
            f"{name}: the heads of shape {x.shape} do not divide those of query of "
            f"{q.shape}"
        )
    return np.repeat(x, q.shape[-3] // max(x.shape[-3], 1), axis=-3)


def _added(gradient, x):
    """The sum over each group of heads; the opposite of `_repeated`."""
    *leading, heads, length, width = x.shape
    groups = gradient.reshape(*leading, heads, -1, length, width)
    return groups.sum(axis=-3)
