"""How far two vectors are apart, or how much alike their directions are."""

import math

import numpy as np

from .._arrays import (
    require_float_array,
    require_int,
    require_number,
    require_same_dtype,
    unbroadcast,
)
from ..bases.loss_inputs import require_fitting
from ..module import Module

__all__ = ["CosineSimilarity", "PairwiseDistance"]


class PairwiseDistance(Module):
    r"""The p-norm of the difference of two vectors, of many pairs at once.

    Forward: with $e = x_1 - x_2 + \epsilon$,
    $d = \left(\sum_i |e_i|^p\right)^{1/p}$; the largest $|e_i|$ for $p = \infty$, the
    smallest for $p = -\infty$, the number of those that are not 0 for $p = 0$.

    Backward: $\frac{\partial d}{\partial e_i} = \frac1p \left(d^p\right)^{1/p - 1}
    p\, |e_i|^{p - 1}\, \mathrm{sign}(e_i) = \mathrm{sign}(e_i)\,(|e_i| / d)^{p - 1}$,
    0 where $e_i = 0$; for $p = \pm\infty$ those that are $d$ get $\mathrm{sign}(e_i)$,
    in equal shares if there are several; for $p = 0$ all get 0. It goes to $x_1$, and
    negated to $x_2$.

    Shape: $x_1$ and $x_2$ (*, D), or such that they can be broadcast, $d$ (*), or
    (*, 1) with `keepdim`.

    Raises: TypeError for a `p` or `eps` that is no number; RuntimeError for dtypes or
    shapes that do not fit, and for a largest or smallest of no numbers.
    """

    def __init__(self, p=2.0, eps=1e-6, keepdim=False):
        require_number("p", p)
        require_number("eps", eps)
        self.norm = p
        self.eps = eps
        self.keepdim = keepdim

    def forward(self, x1, x2):
        _require_pair(x1, x2)
        return pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)


def pairwise_distance(x1, x2, p, eps, keepdim=False):
    """What `PairwiseDistance` computes, and the way back to both inputs."""
    e = x1 - x2 + x1.dtype.type(eps)
    dtype = e.dtype
    e = e.astype(np.promote_types(dtype, np.float32), copy=False)
    size = np.abs(e)
    if not e.shape[-1] and (p < 0 or p == math.inf):
        raise RuntimeError(f"x1: shape {x1.shape} has no numbers to be the norm {p}")
    with np.errstate(over="ignore", divide="ignore"):  # powers that are infinite
        if p == 2:
            d = np.sqrt((e * e).sum(axis=-1))
        elif p == 1:
            d = size.sum(axis=-1)
        elif math.isinf(p):
            d = size.max(axis=-1) if p > 0 else size.min(axis=-1)
        elif p == 0:
            d = (size != 0).sum(axis=-1).astype(e.dtype)
        else:
            d = (size**p).sum(axis=-1) ** e.dtype.type(1 / p)
    norm = np.asarray(d)[..., None]

    def back(dd):
        dd = dd.reshape(norm.shape)
        if p == 0:
            de = np.zeros_like(e)
        elif math.isinf(p):
            those = size == norm
            shares = those / those.sum(axis=-1, keepdims=True)
            de = np.sign(e) * shares.astype(e.dtype) * dd
        else:
            with np.errstate(divide="ignore", invalid="ignore"):  # where e or d is 0
                if p == 2:
                    de = e / norm * dd
                else:
                    power = e.dtype.type(p - 1)
                    de = np.sign(e) * size**power * (dd / norm**power)
            de = np.where(e == 0, e.dtype.type(0), de)
        de = de.astype(dtype, copy=False)
        return unbroadcast(de, x1.shape), unbroadcast(-de, x2.shape)

    return (norm if keepdim else norm[..., 0]).astype(dtype), back


class CosineSimilarity(Module):
    r"""The cosine of the angle between two vectors: 1 if they point the same way.

    Forward: with $n_k = \max(|x_k|, \epsilon)$,
    $c = \frac{x_1}{n_1} \cdot \frac{x_2}{n_2}$. (PyTorch's documentation has
    $\max(|x_1|\,|x_2|, \epsilon)$ below; this is what it computes.)

    Backward: $c$ is a sum of products with $u = x_1 / n_1$, so $du = dc\, x_2 / n_2$;
    $u$ depends on $x_1$ directly, and through $n_1$, whose slope is
    $\frac{x_1}{|x_1|}$: with $dn_1 = -\frac{du \cdot u}{n_1} = -\frac{c}{n_1} dc$,
    $dx_1 = \frac{du}{n_1} + dn_1 \frac{x_1}{|x_1|}$, the part of $x_2$ across $x_1$;
    likewise for $x_2$. As in PyTorch the slope of $n_1$ is
    the same where $\epsilon$ is larger than $|x_1|$, though $n_1$ is constant there;
    at $x_1 = 0$ it is 0.

    Shape: $x_1$ and $x_2$ alike, or such that they can be broadcast; the vectors lie
    along `dim`, which $c$ does not have.

    Raises: TypeError for a `dim` that is no int, an `eps` that is no number; IndexError
    for a `dim` that the inputs do not have; RuntimeError for dtypes or shapes that do
    not fit.
    """

    def __init__(self, dim=1, eps=1e-8):
        require_int("dim", dim)
        require_number("eps", eps)
        self.dim = dim
        self.eps = eps

    def forward(self, x1, x2):
        _require_pair(x1, x2)
        ndim = max(x1.ndim, x2.ndim)
        if not -ndim <= self.dim < ndim:
            raise IndexError(f"dim: {self.dim} is none of {ndim} dimensions")
        axis = self.dim % ndim
        x, y = np.broadcast_arrays(x1, x2)
        u, x_norm, x_length = self._unit(x, axis)
        v, y_norm, y_length = self._unit(y, axis)
        c = (u * v).sum(axis=axis, keepdims=True)

        def back(dc):
            dc = np.expand_dims(dc, axis)

            def towards(one, unit, norm, length, other):
                du = other * dc
                with np.errstate(invalid="ignore"):  # where the length is 0 or infinite
                    slope = np.where(length == 0, length, one / length)
                    dn = -(du * unit / norm).sum(axis=axis, keepdims=True)
                    return (du / norm + dn * slope).astype(x1.dtype, copy=False)

            dx = towards(x, u, x_norm, x_length, v)
            dy = towards(y, v, y_norm, y_length, u)
            return unbroadcast(dx, x1.shape), unbroadcast(dy, x2.shape)

        return c.squeeze(axis).astype(x1.dtype, copy=False), back

    def _unit(self, x, axis):
        """x over its norm, which eps is at least, that norm, and the length of x."""
        x = x.astype(np.promote_types(x.dtype, np.float32), copy=False)
        with np.errstate(over="ignore"):  # of a vector of infinite length
            length = np.sqrt((x * x).sum(axis=axis, keepdims=True))
        norm = np.maximum(length, x.dtype.type(self.eps))
        return x / norm, norm, length


def _require_pair(x1, x2):
    for name, x in ("x1", x1), ("x2", x2):
        require_float_array(name, x)
        require_same_dtype(name, x, "x1", x1)
    require_fitting(x1, x2, "x2")
