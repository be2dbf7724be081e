"""Softmax-weighted sums of values, made fast in pieces that stay in the cache.

Below the layers, whose formulas are those of `functional.scaled_dot_product_attention`:
what is different here saves passes over the scores, the one large array. Base 2 is
faster than base e, so the queries are scaled by log2(e) as well; the weights are kept
without their denominators, by which the much smaller outputs are divided instead.
"""

import math

import numpy as np

PIECE = 2**18  # numbers: so many scores are computed at a time, a megabyte
_LOG2_E = math.log2(math.e)


def pieces(leading: tuple[int, ...], each: int):
    """Index tuples that cut the leading axes into pieces of about `PIECE` numbers.

    `each` is how many numbers belong to one place of the leading axes.
    """
    if not leading:
        yield ()
        return
    count, *rest = leading
    inner = math.prod(rest) * each
    if inner <= PIECE or not rest:
        step = max(1, PIECE // max(inner, 1))
        for start in range(0, count, step):
            yield (slice(start, start + step),)
        return
    for i in range(count):
        for index in pieces(tuple(rest), each):
            yield (i, *index)


def attend(q, k, v, scale, bias=None, drop=None, masked_is_zero=True):
    """softmax(q k^T scale + bias) v for q (*, L, E), k (*, S, E), v (*, S, Ev).

    `bias` can be broadcast to (*, L, S). A row of scores that is minus infinity
    throughout gives zeros if `masked_is_zero`, else NaN. `drop`, a layer, is what the
    weights go through before they are used. Half precision is computed in
    single, as in PyTorch. Returns the output, laid out
    in memory as q is; `weights()`, which makes the weights after dropout; and
    `back(do, dweights=None, with_bias=False)`, which gives dq, dk, dv and dbias, the
    last of the shape of the scores, or None.
    """
    dtype = q.dtype
    wide = np.promote_types(dtype, np.float32)
    q, k, v = (x.astype(wide, copy=False) for x in (q, k, v))
    leading, L, S = q.shape[:-2], q.shape[-2], k.shape[-2]
    where = list(pieces(leading, L * S))
    e = np.empty((*leading, L, S), q.dtype)  # exponentials, rows not yet divided
    total = np.ones((*leading, L, 1), q.dtype)
    o = _like(q, (*leading, L, v.shape[-1]))
    noise = None
    if drop is not None:
        noise, _ = drop(np.ones(e.shape, q.dtype))
    scaled = q * q.dtype.type(scale * _LOG2_E)
    if bias is not None:
        bias = np.broadcast_to(bias * wide.type(_LOG2_E), e.shape)
    ones = np.ones((S, 1), q.dtype)
    with np.errstate(invalid="ignore"):  # inf - inf: NaN, as in PyTorch
        for i in where if S else ():
            scores = np.matmul(scaled[i], _transposed(k[i]), out=e[i])
            if bias is not None:
                scores += bias[i]
            top = scores.max(axis=-1, keepdims=True)
            if masked_is_zero:
                top[top == -np.inf] = 0
            scores -= top
            np.exp2(scores, out=scores)
            np.matmul(scores, ones, out=total[i])
            kept = scores if noise is None else scores * noise[i]
            np.matmul(kept, v[i], out=o[i])
        if masked_is_zero:
            total[total == 0] = 1
        o /= total
    if not S:
        o[...] = 0

    def weights():
        w = e / total
        if noise is not None:
            w *= noise
        return w.astype(dtype, copy=False)

    def back(do, dweights=None, with_bias=False):
        dq, dk, dv = (_like(x, x.shape) for x in (q, k, v))
        dbias = np.empty(e.shape, e.dtype) if with_bias else None
        do = do.astype(wide, copy=False) / total
        if dweights is not None:
            dweights = dweights / total
        largest = max((e[i].size for i in where), default=0)
        memory = np.empty(largest, e.dtype)
        for i in where:
            ei = e[i]
            d = memory[: ei.size].reshape(ei.shape)
            np.matmul(do[i], _transposed(v[i]), out=d)
            if dweights is not None:
                d += dweights[i]
            if noise is not None:
                d *= noise[i]
            d -= np.vecdot(d, ei)[..., None] / total[i]
            d *= ei
            if with_bias:
                dbias[i] = d
            np.matmul(d, k[i], out=dq[i])
            np.matmul(_transposed(d), q[i], out=dk[i])
            kept = ei if noise is None else np.multiply(ei, noise[i], out=d)
            np.matmul(_transposed(kept), do[i], out=dv[i])
        dq *= scale
        dk *= scale
        found = (g.astype(dtype, copy=False) for g in (dq, dk, dv))
        return *found, None if dbias is None else dbias.astype(dtype, copy=False)

    return o.astype(dtype, copy=False), weights, back


def _transposed(x: np.ndarray) -> np.ndarray:
    return x.swapaxes(-1, -2)


def _like(x: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """A new array of that shape, its axes in the order in memory of those of x."""
    return np.empty_like(x, order="K", shape=shape)
