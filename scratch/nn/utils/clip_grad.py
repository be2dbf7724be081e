"""Keeping gradients within bounds, between the way back and the optimiser's step."""

import math
import types
import warnings
from collections.abc import Iterable

import numpy as np

from ..._sparse import SparseGradient
from ...module import Parameter

__all__ = [
    "clip_grad_norm_",
    "clip_grad_value_",
    "clip_grads_with_norm_",
    "get_total_norm",
]

# Keeps the division by a norm of zero away.
_TINY = 1e-6
_BLOCK = 2**16  # squares that are added up in the arrays' own precision


def get_total_norm(
    tensors, norm_type=2.0, error_if_nonfinite=False, foreach=None
) -> np.floating:
    r"""The norm of all arrays as one vector: $(\sum_i |g_i|^k)^{1/k}$.

    $k$ = `norm_type`; infinity stands for the largest $|g_i|$, minus infinity for the
    smallest. It is taken over the norms of the arrays, which comes to the same but for
    $k = 0$, where it counts the arrays that are not all zero. The result has the
    arrays' dtype.

    Raises RuntimeError: with `error_if_nonfinite`, a norm that is infinite or NaN; an
    infinite `norm_type` and an empty array.
    """
    norm_type = float(norm_type)
    arrays = [tensors] if isinstance(tensors, np.ndarray) else list(tensors)
    if not arrays:
        return np.float32(0)
    with np.errstate(all="ignore"):
        norms = np.array([a.dtype.type(_norm(a, norm_type)) for a in arrays])
        total = norms.dtype.type(_norm(norms, norm_type))
    if error_if_nonfinite and not np.isfinite(total):
        raise RuntimeError(
            f"get_total_norm: the norm of order {norm_type} is {total}; with "
            "error_if_nonfinite=False gradients are scaled by it all the same"
        )
    return total


def clip_grads_with_norm_(parameters, max_norm, total_norm, foreach=None) -> None:
    r"""Scale the gradients by $\min(1, c / (n + 10^{-6}))$, in place, with $c$ =
    `max_norm` and their norm $n$ = `total_norm`.

    A norm that is NaN makes all gradients NaN; an infinite one makes them zero, and NaN
    where they are infinite.
    """
    gradients = _gradients(_as_list(parameters))
    with np.errstate(all="ignore"):
        factor = float(max_norm) / (total_norm + _TINY)
        factor = min(float(factor), 1.0) if factor == factor else math.nan
        for g in gradients:
            g *= factor


def clip_grad_norm_(
    parameters, max_norm, norm_type=2.0, error_if_nonfinite=False, foreach=None
) -> np.floating:
    r"""Scale all gradients, in place and by one factor, so that together they have at
    most the norm `max_norm`; returns the norm that they had.

    `get_total_norm`, then `clip_grads_with_norm_`. The direction stays the same.
    `foreach` chooses an implementation in PyTorch and is not used.

    Raises RuntimeError: with `error_if_nonfinite`, a norm that is infinite or NaN; the
    gradients are then as they were.

    Source: Pascanu et al., On the difficulty of training recurrent neural networks,
    2013.
    """
    listed = _as_list(parameters)
    if not listed and isinstance(parameters, types.GeneratorType):
        warnings.warn("parameters: an empty generator, nothing to clip", stacklevel=2)
    total = get_total_norm(_gradients(listed), norm_type, error_if_nonfinite)
    clip_grads_with_norm_(listed, max_norm, total)
    return total


def clip_grad_value_(parameters, clip_value, foreach=None) -> None:
    """Clip every element of the gradients to [-clip_value, clip_value], in place."""
    clip_value = float(clip_value)
    for g in _gradients(_as_list(parameters)):
        np.clip(g, -clip_value, clip_value, out=g)


def _as_list(parameters: Parameter | Iterable[Parameter]) -> list[Parameter]:
    return [parameters] if isinstance(parameters, Parameter) else list(parameters)


def _gradients(parameters: list[Parameter]) -> list[np.ndarray]:
    gradients = [p.grad for p in parameters if p.grad is not None]
    if any(isinstance(g, SparseGradient) for g in gradients):
        raise NotImplementedError("parameters: sparse gradients cannot be clipped")
    return gradients


def _norm(x: np.ndarray, k: float):
    flat = x.reshape(-1)
    if flat.dtype == np.float16:  # too narrow for powers, too coarse for sums
        flat = flat.astype(np.float32)
    if k == 2:
        blocks = (flat[i : i + _BLOCK] for i in range(0, flat.size, _BLOCK))
        return math.sqrt(sum(float(block @ block) for block in blocks))
    size = np.abs(flat)
    if math.isinf(k):
        if not size.size:
            raise RuntimeError(f"norm_type: {k} is not defined for an empty array")
        return size.max() if k > 0 else size.min()
    if k == 0:
        return np.count_nonzero(size)
    if k == 1:
        return size.sum()
    return (size**k).sum() ** (1 / k)
