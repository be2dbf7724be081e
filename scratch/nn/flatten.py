"""Changing the shape, not the numbers."""

import math

import numpy as np

from .._arrays import floating, require_array, require_int
from ..module import Module

__all__ = ["Flatten", "Unflatten"]


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


class Unflatten(Module):
    r"""Parts the dimension `dim` into the dimensions `unflattened_size`.

    Forward: $y = \mathrm{reshape}(x)$. Backward: $dx = \mathrm{reshape}(dy)$ to the
    shape of $x$. It undoes `Flatten`. One of the sizes may be -1: what is left.

    Shape: $x$ (\*, $\prod S_i$, \*), $y$ (\*, $S_1$, $S_2$, ..., \*).

    Raises:
        TypeError: `dim` is not an int, `unflattened_size` not a tuple or list of ints:
            dimensions of arrays have no names, so that PyTorch's form with names
            is refused.
        IndexError: a dimension that `x` does not have.
        RuntimeError: the sizes do not multiply up to the dimension's.
    """

    def __init__(self, dim, unflattened_size):
        require_int("dim", dim)
        if not isinstance(unflattened_size, tuple | list):
            raise TypeError(
                f"unflattened_size: a tuple or list was expected, got "
                f"{unflattened_size!r}"
            )
        for n in unflattened_size:
            require_int("unflattened_size", n)
        self.dim = dim
        self.unflattened_size = unflattened_size

    def forward(self, x):
        require_array("input", x)
        if x.ndim == 0:
            raise RuntimeError("input: at least 1 dimension was expected, got 0")
        if not -x.ndim <= self.dim < x.ndim:
            raise IndexError(
                f"dim: {self.dim} is outside [{-x.ndim}, {x.ndim - 1}], the dimensions "
                f"of an input of shape {x.shape}"
            )
        dim = self.dim % x.ndim
        y = np.asarray(x).reshape(
            *x.shape[:dim], *self._sizes(x.shape[dim]), *x.shape[dim + 1 :]
        )

        def back(dy):
            return dy.reshape(x.shape) if floating(x.dtype) else None

        return y, back

    def _sizes(self, n: int) -> tuple[int, ...]:
        """The sizes, with what is left in place of -1."""
        known = math.prod(size for size in self.unflattened_size if size != -1)
        left = n // known if known else -1
        sizes = tuple(left if size == -1 else size for size in self.unflattened_size)
        if not sizes or min(sizes) < 0 or math.prod(sizes) != n:
            raise RuntimeError(
                f"unflattened_size: sizes whose product is {n} were expected, got "
                f"{self.unflattened_size}"
            )
        return sizes

    def extra_repr(self):
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
