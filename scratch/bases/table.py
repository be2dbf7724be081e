"""What both embeddings share: the table, its gradient, and the norms of its rows."""

import numpy as np

from .._arrays import require_array, require_int, require_number, require_sizes
from .._sparse import SparseGradient
from ..kernels.scatter import add_rows
from ..module import Module, Parameter
from ..nn import init

_RENORM_EPSILON = 1e-7  # PyTorch's, so that no norm is divided by zero


class Table(Module):
    """The base of `Embedding` and `EmbeddingBag`."""

    def __init__(
        self,
        num_embeddings,
        embedding_dim,
        padding_idx,
        max_norm,
        norm_type,
        scale_grad_by_freq,
        sparse,
        _weight,
        _freeze,
        dtype,
    ):
        require_sizes(num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        if padding_idx is not None:
            require_int("padding_idx", padding_idx)
            within = -num_embeddings <= padding_idx < num_embeddings
            if not within and padding_idx != 0:  # PyTorch lets 0 of nothing pass
                raise AssertionError(
                    f"padding_idx: {padding_idx} is none of the rows of "
                    f"num_embeddings = {num_embeddings}"
                )
            padding_idx += num_embeddings if padding_idx < 0 else 0
        if max_norm is not None:
            require_number("max_norm", max_norm)
        require_number("norm_type", norm_type)
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.sparse = sparse
        shape = num_embeddings, embedding_dim
        if _weight is None:
            weight = np.empty(shape, dtype or np.float32)
            self.weight = Parameter(weight, requires_grad=not _freeze)
            self.reset_parameters()
        else:
            if np.shape(_weight) != shape:
                raise AssertionError(
                    f"_weight: shape {np.shape(_weight)} was given, {shape} = "
                    "(num_embeddings, embedding_dim) is expected"
                )
            self.weight = Parameter(_weight, requires_grad=not _freeze)

    def reset_parameters(self):
        init.normal_(self.weight)
        if self.padding_idx is not None:
            self.weight.data[self.padding_idx] = 0

    def gradient(self, x, rows):
        if self.sparse and self.scale_grad_by_freq:
            raise RuntimeError(
                "scale_grad_by_freq: does not go with a sparse gradient, in PyTorch"
            )
        if self.padding_idx is not None:
            kept = x != self.padding_idx
            x, rows = x[kept], rows[kept]
        if self.sparse:
            return SparseGradient(x[None], rows, self.weight.shape)
        if self.scale_grad_by_freq and x.size:
            times = np.bincount(x, minlength=self.num_embeddings)
            rows = rows / times[x, None].astype(rows.dtype)
        return add_rows(x, rows, self.num_embeddings)

    def renormalise(self, x):
        """Scale those of the rows `x` down that are longer than `max_norm`."""
        W = self.weight.data
        used = np.unique(x)
        rows = W[used]
        wide = np.promote_types(W.dtype, np.float32)
        norms = _norms(rows.astype(wide, copy=False), self.norm_type)
        longer = norms > self.max_norm
        scale = self.max_norm / (norms[longer] + _RENORM_EPSILON)
        W[used[longer]] = rows[longer] * scale[:, None].astype(W.dtype)


def require_indices(name, indices):
    """Raise unless indices are integers of 32 or 64 bits."""
    require_array(name, indices)
    if indices.dtype not in (np.int32, np.int64):
        raise RuntimeError(
            f"{name}: indices of dtype int32 or int64 were expected, "
            f"got {indices.dtype}"
        )


def require_within(name, indices, count, error):
    """Raise `error` unless indices are rows of a table of `count`."""
    if indices.size and (indices.min() < 0 or indices.max() >= count):
        raise error(
            f"{name}: indices from {indices.min()} to {indices.max()} were given, "
            f"those in [0, num_embeddings = {count}) are expected"
        )


def require_matrix(embeddings):
    require_array("embeddings", embeddings)
    if embeddings.ndim != 2:
        raise AssertionError(
            f"embeddings: 2 dimensions were expected, got shape {embeddings.shape}"
        )


def _norms(rows: np.ndarray, p: float) -> np.ndarray:
    r"""$(\sum_d |r_d|^p)^{1/p}$ of each row, with the limits at 0 and infinity."""
    if p == 2:
        return np.sqrt(np.square(rows).sum(axis=1))
    return np.linalg.norm(rows, p, axis=1)
