"""Tables that are looked up in."""

import numpy as np

from .._arrays import require_array, require_int, require_number
from .._sparse import SparseGradient
from ..module import Module, Parameter
from . import init
from ._add_rows import add_rows

__all__ = ["Embedding"]

_RENORM_EPSILON = 1e-7  # PyTorch's, so that no norm is divided by zero


class Embedding(Module):
    r"""A table of vectors, one for each of `num_embeddings` indices.

    Forward: $y_n = W_{x_n}$, the row of the weight that the index $x_n$ names.

    Backward: $y_{nd} = \sum_i [i = x_n]\, W_{id}$ is linear in $W$, so each row gathers
    the gradients of all places at which it was looked up,
    $dW_{id} = \sum_n [i = x_n]\, dy_{nd}$. Integers have no gradient.

    `padding_idx`: that row starts as zeros and gets no gradient.
    `max_norm`: before the look-up, each row that is looked up and whose
    `norm_type`-norm is larger is scaled down to it, in the weight itself; no gradient
    leads through the scaling.
    `scale_grad_by_freq`: each $dW_i$ is divided by the number of times that $i$ is
    among the indices, which makes a sum over places a mean.
    `sparse`: the gradient is a `SparseGradient`, which holds the rows that were used.

    The weight is drawn from $N(0, 1)$, as PyTorch draws it.

    Shape: $x$ (*) of integers, $y$ (*, embedding_dim), $W$ (num_embeddings,
    embedding_dim). Source: Bengio et al., A neural probabilistic language model, 2003.

    Raises:
        TypeError: a size is not an int; `input` is not an array.
        RuntimeError: a size is negative; indices are no integers of 32 or 64 bits;
            on the way back, `sparse` together with `scale_grad_by_freq`.
        AssertionError: `padding_idx` is no row; `_weight` has another shape.
        IndexError: an index is negative, or `num_embeddings` or above.
    """

    def __init__(
        self,
        num_embeddings,
        embedding_dim,
        padding_idx=None,
        max_norm=None,
        norm_type=2.0,
        scale_grad_by_freq=False,
        sparse=False,
        _weight=None,
        _freeze=False,
        dtype=None,
    ):
        sizes = ("num_embeddings", num_embeddings), ("embedding_dim", embedding_dim)
        for name, n in sizes:
            require_int(name, n)
            if n < 0:
                raise RuntimeError(f"{name}: a size was expected, got {n}")
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

    @classmethod
    def from_pretrained(
        cls,
        embeddings,
        freeze=True,
        padding_idx=None,
        max_norm=None,
        norm_type=2.0,
        scale_grad_by_freq=False,
        sparse=False,
    ):
        """An embedding whose weight is `embeddings`, by default not learned.

        Raises AssertionError if that is no matrix.
        """
        require_array("embeddings", embeddings)
        if embeddings.ndim != 2:
            raise AssertionError(
                f"embeddings: 2 dimensions were expected, got shape {embeddings.shape}"
            )
        return cls(
            *embeddings.shape,
            padding_idx=padding_idx,
            max_norm=max_norm,
            norm_type=norm_type,
            scale_grad_by_freq=scale_grad_by_freq,
            sparse=sparse,
            _weight=embeddings,
            _freeze=freeze,
        )

    def reset_parameters(self):
        init.normal_(self.weight)
        if self.padding_idx is not None:
            self.weight.data[self.padding_idx] = 0

    def forward(self, input):
        self._require_indices(input)
        W = self.weight.data
        x = input.reshape(-1)
        if self.max_norm is not None:
            self._renormalise(x)
        rows = W.take(x, axis=0)

        def back(dy):
            if self.weight.requires_grad:
                self.weight.accumulate(self._gradient(x, dy.reshape(rows.shape)))

        return rows.reshape(*input.shape, self.embedding_dim), back

    def _gradient(self, x, rows):
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

    def _renormalise(self, x):
        """Scale those of the rows `x` down that are longer than `max_norm`."""
        W = self.weight.data
        used = np.unique(x)
        rows = W[used]
        wide = np.promote_types(W.dtype, np.float32)
        norms = _norms(rows.astype(wide, copy=False), self.norm_type)
        longer = norms > self.max_norm
        scale = self.max_norm / (norms[longer] + _RENORM_EPSILON)
        W[used[longer]] = rows[longer] * scale[:, None].astype(W.dtype)

    def _require_indices(self, input):
        require_array("input", input)
        if input.dtype not in (np.int32, np.int64):
            raise RuntimeError(
                f"input: indices of dtype int32 or int64 were expected, "
                f"got {input.dtype}"
            )
        if input.size and (input.min() < 0 or input.max() >= self.num_embeddings):
            raise IndexError(
                f"input: indices from {input.min()} to {input.max()} were given, those "
                f"in [0, num_embeddings = {self.num_embeddings}) are expected"
            )

    def extra_repr(self):
        words = [f"{self.num_embeddings}, {self.embedding_dim}"]
        if self.padding_idx is not None:
            words.append(f"padding_idx={self.padding_idx}")
        if self.max_norm is not None:
            words.append(f"max_norm={self.max_norm}")
        if self.norm_type != 2:
            words.append(f"norm_type={self.norm_type}")
        if self.scale_grad_by_freq is not False:
            words.append(f"scale_grad_by_freq={self.scale_grad_by_freq}")
        if self.sparse is not False:
            words.append("sparse=True")
        return ", ".join(words)


def _norms(rows: np.ndarray, p: float) -> np.ndarray:
    r"""$(\sum_d |r_d|^p)^{1/p}$ of each row, with the limits at 0 and infinity."""
    if p == 2:
        return np.sqrt(np.square(rows).sum(axis=1))
    return np.linalg.norm(rows, p, axis=1)
