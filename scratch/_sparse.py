"""Gradients of which few rows are not zero."""

from dataclasses import dataclass

import numpy as np

from .kernels.runs import add_runs

__all__ = ["SparseGradient"]


@dataclass(frozen=True, eq=False)
class SparseGradient:
    """The gradient of an embedding's weight: the rows that were used, and no others.

    As in PyTorch's COO layout, `indices` of shape (k, n) names n places along the first
    k axes of `shape`, and `values` of shape (n, *shape[k:]) holds what stands there; a
    place that is named twice holds the sum. An embedding has k = 1.

    Adding behaves as for arrays, so `Parameter.accumulate` takes it as it is: sparse
    and sparse stay sparse, sparse and dense become dense.
    """

    indices: np.ndarray
    values: np.ndarray
    shape: tuple[int, ...]

    def __post_init__(self):
        k, *places = self.indices.shape
        if not np.issubdtype(self.indices.dtype, np.integer):
            raise TypeError(
                f"indices: integers were expected, got {self.indices.dtype}"
            )
        if len(places) != 1 or self.values.shape != (*places, *self.shape[k:]):
            raise ValueError(
                f"values: indices of shape {self.indices.shape} into {self.shape} do "
                f"not go with values of shape {self.values.shape}"
            )

    @property
    def dtype(self) -> np.dtype:
        return self.values.dtype

    def rows(self) -> np.ndarray:
        """The places as positions along the first k axes, laid end to end."""
        return np.ravel_multi_index(
            tuple(self.indices), self.shape[: len(self.indices)]
        )

    def coalesce(self) -> "SparseGradient":
        """The same gradient, every place named once, in rising order."""
        rows = self.rows()
        order = np.argsort(rows, kind="stable")
        rows = rows[order]
        starts = np.flatnonzero(np.diff(rows, prepend=-1))
        values = self.values[order]
        if len(starts) < len(rows):
            values = add_runs(values, np.diff(starts, append=len(rows)))
        return SparseGradient(self.indices[:, order[starts]], values, self.shape)

    def to_dense(self) -> np.ndarray:
        dense = np.zeros(self.shape, self.dtype)
        once = self.coalesce()
        dense[tuple(once.indices)] = once.values
        return dense

    def astype(self, dtype) -> "SparseGradient":
        return SparseGradient(self.indices, self.values.astype(dtype), self.shape)

    def __neg__(self) -> "SparseGradient":
        return SparseGradient(self.indices, -self.values, self.shape)

    def __add__(self, other):
        if isinstance(other, np.ndarray):
            return other + self.to_dense()
        if not isinstance(other, SparseGradient):
            return NotImplemented
        if other.shape != self.shape or len(other.indices) != len(self.indices):
            raise ValueError(
                f"a sparse gradient of shape {other.shape} does not go with one of "
                f"{self.shape}"
            )
        return SparseGradient(
            np.concatenate([self.indices, other.indices], axis=1),
            np.concatenate([self.values, other.values]),
            self.shape,
        )

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        """array + sparse and array += sparse; nothing else that NumPy may ask for."""
        if ufunc is not np.add or method != "__call__":
            return NotImplemented
        return np.add(*(x.to_dense() if x is self else x for x in inputs), **options)
