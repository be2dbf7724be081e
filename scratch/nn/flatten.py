"""Changing the shape, not the numbers."""

import math

import numpy as np

from .._arrays import floating, require_array, require_int
from ..module import Module

__all__ = ["Flatten"]


class Flatten(Module):
    r"""Joins the dimensions `start_dim` to `end_dim` (inclusive) into one.

    Forward: $y = \mathrm{reshape}(x)$. Backward: $dx = \mathrm{reshape}(dy)$ to the
    shape of $x$: the Jacobian is the identity.

    Shape: $x$ (*, $S_{start}$, ..., $S_{end}$, *), $y$ (*, $\prod S_i$, *).

    Raises:
        TypeError: a dimension that is no int.
        IndexError: a dimension that `x` does not have.
        RuntimeError: `start_dim` comes after `end_dim`.
    """

    def __init__(self, start_dim=1, end_dim=-1):
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, x):
        require_array("input", x)
        ndim = max(x.ndim, 1)
        for name, dim in ("start_dim", self.start_dim), ("end_dim", self.end_dim):
            require_int(name, dim)
            if not -ndim <= dim < ndim:
                raise IndexError(
                    f"{name}: {dim} is outside [{-ndim}, {ndim - 1}], "
                    f"the dimensions of an input of shape {x.shape}"
                )
        start, end = self.start_dim % ndim, self.end_dim % ndim
        if start > end:
            raise RuntimeError(
                f"start_dim: {self.start_dim} comes after end_dim {self.end_dim}"
            )
        joined = math.prod(x.shape[start : end + 1])
        y = np.asarray(x).reshape(*x.shape[:start], joined, *x.shape[end + 1 :])

        def back(dy):
            return dy.reshape(x.shape) if floating(x.dtype) else None

        return y, back

    def extra_repr(self):
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"
