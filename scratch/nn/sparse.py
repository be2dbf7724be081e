"""Tables that are looked up in."""

import numpy as np

from .._arrays import require_array, require_same_dtype
from ..bases.table import Table, require_indices, require_matrix, require_within
from ..kernels.runs import largest_of_runs, sums_of_runs

__all__ = ["Embedding", "EmbeddingBag"]


class Embedding(Table):
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
        super().__init__(
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
        )

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
        require_matrix(embeddings)
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

    def forward(self, input):
        require_indices("input", input)
        require_within("input", input, self.num_embeddings, IndexError)
        W = self.weight.data
        x = input.reshape(-1)
        if self.max_norm is not None:
            self.renormalise(x)
        rows = W.take(x, axis=0)

        def back(dy):
            if self.weight.requires_grad:
                self.weight.accumulate(self.gradient(x, dy.reshape(rows.shape)))

        return rows.reshape(*input.shape, self.embedding_dim), back

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


class EmbeddingBag(Table):
    r"""Looks up bags of indices, and makes one vector of each bag.

    Forward: with $w_k$ = `per_sample_weights`, or 1 without them, and $B_b$ the places
    of bag $b$, `mode` "sum" is $y_b = \sum_{k \in B_b} w_k W_{x_k}$, "mean" the same
    over the number of places, "max" the largest number in each column. A bag without
    places gets zeros.

    Backward: a sum hands its gradient to all of its terms, so row $i$ gathers
    $dW_i = \sum_k [x_k = i]\, w_k\, dy_{b(k)}$ with $b(k)$ the bag of place $k$, over
    the number of places for "mean"; $dw_k = W_{x_k} \cdot dy_{b(k)}$. With "max" each
    column's gradient goes to the first place that has the largest number.

    `input` of two dimensions has a bag in each row; one of one dimension is cut at
    `offsets`, where each bag starts, and with `include_last_offset` also where the last
    one ends. Places that hold `padding_idx` count as if they were not there.
    `max_norm`, `norm_type`, `scale_grad_by_freq` and `sparse` are those of `Embedding`.

    Here `scale_grad_by_freq` divides $dW_i$ by how often $i$ is among the indices.
    PyTorch's CPU code divides by how often another index is.

    Shape: input (B, K), or (L) with offsets (B), or (B + 1) with
    `include_last_offset`; per_sample_weights as input; $y$ (B, embedding_dim). Returns
    None for input and offsets, and the gradient of per_sample_weights.

    Raises:
        TypeError: a size is not an int; `input` is not an array.
        ValueError: `input` has neither 1 nor 2 dimensions; offsets are missing, or
            given with 2; weights of another shape; an unknown `mode`, or one that does
            not go with an option.
        NotImplementedError: weights with another `mode` than "sum".
        RuntimeError: a size is negative; an index is none of the rows; offsets that do
            not rise from 0, or do not end where they have to.
        AssertionError: `padding_idx` is no row; `_weight` has another shape.
    """

    def __init__(
        self,
        num_embeddings,
        embedding_dim,
        max_norm=None,
        norm_type=2.0,
        scale_grad_by_freq=False,
        mode="mean",
        sparse=False,
        _weight=None,
        include_last_offset=False,
        padding_idx=None,
        dtype=None,
    ):
        super().__init__(
            num_embeddings,
            embedding_dim,
            padding_idx,
            max_norm,
            norm_type,
            scale_grad_by_freq,
            sparse,
            _weight,
            False,
            dtype,
        )
        self.mode = mode
        self.include_last_offset = include_last_offset

    @classmethod
    def from_pretrained(
        cls,
        embeddings,
        freeze=True,
        max_norm=None,
        norm_type=2.0,
        scale_grad_by_freq=False,
        mode="mean",
        sparse=False,
        include_last_offset=False,
        padding_idx=None,
    ):
        """Bags over the rows of `embeddings`, by default not learned.

        Raises AssertionError if that is no matrix.
        """
        require_matrix(embeddings)
        bags = cls(
            *embeddings.shape,
            max_norm=max_norm,
            norm_type=norm_type,
            scale_grad_by_freq=scale_grad_by_freq,
            mode=mode,
            sparse=sparse,
            _weight=embeddings,
            include_last_offset=include_last_offset,
            padding_idx=padding_idx,
        )
        bags.weight.requires_grad = not freeze
        return bags

    def forward(self, input, offsets=None, per_sample_weights=None):
        w = per_sample_weights
        self._require_inputs(input, offsets, w)
        W, x = self.weight.data, input.reshape(-1)
        starts = self._starts(input, offsets)
        if self.max_norm is not None:
            self.renormalise(x)
        counts = np.diff(starts)
        bags = np.repeat(np.arange(len(counts)), counts)
        places = slice(None)
        if self.padding_idx is not None:
            places = np.flatnonzero(x != self.padding_idx)
            bags = bags[places]
            counts = np.bincount(bags, minlength=len(counts))
        kept = x[places]
        rows = W.take(kept, axis=0)
        if self.mode == "max":
            y, winners = largest_of_runs(rows, counts)
        else:
            weights = None if w is None else w.reshape(-1)[places, None]
            y = sums_of_runs(rows if w is None else rows * weights, counts)
            if self.mode == "mean":
                y /= np.maximum(counts, 1)[:, None].astype(y.dtype)

        def back(dy):
            if self.mode == "max":
                self.weight.accumulate(self._gradient_of_largest(kept, winners, dy))
                return None
            if self.mode == "mean":
                dy = dy / np.maximum(counts, 1)[:, None].astype(dy.dtype)
            drows = dy.take(bags, axis=0)
            if self.weight.requires_grad:
                of_rows = drows if w is None else drows * weights
                self.weight.accumulate(self.gradient(kept, of_rows))
            found = [None] if offsets is None else [None, None]
            if w is not None:
                dw = np.zeros(x.shape, w.dtype)
                dw[places] = (rows * drows).sum(axis=1)
                found.append(dw.reshape(w.shape))
            return found[0] if len(found) == 1 else tuple(found)

        return y, back

    def _gradient_of_largest(self, x, winners, dy):
        """Every dy[b, d] goes to the column d of the row that won there."""
        some = np.flatnonzero(winners[:, :1] >= 0)
        places = x[winners[some]] * self.embedding_dim + np.arange(self.embedding_dim)
        total = np.bincount(places.ravel(), dy[some].ravel(), self.weight.size)
        return total.astype(dy.dtype).reshape(self.weight.shape)

    def _starts(self, input, offsets):
        """Where each bag starts, and where the last one ends."""
        if input.ndim == 2:
            return np.arange(len(input) + 1) * input.shape[1]
        last = len(input) if len(offsets) or not len(input) else 0
        starts = offsets if self.include_last_offset else np.append(offsets, last)
        if not len(starts):
            raise RuntimeError(
                "offsets: none was given, and include_last_offset = True"
            )
        if len(offsets) and (
            starts[0] != 0 or (np.diff(starts) < 0).any() or starts[-1] != len(input)
        ):
            raise RuntimeError(
                f"offsets: numbers rising from 0 to {len(input)} were expected, got "
                f"{offsets}"
            )
        return starts

    def _require_inputs(self, input, offsets, w):
        require_array("input", input)
        if w is not None:
            require_array("per_sample_weights", w)
            if w.shape != input.shape:
                raise ValueError(
                    f"per_sample_weights: shape {w.shape} is not that of input, "
                    f"{input.shape}"
                )
        if input.ndim not in (1, 2):
            raise ValueError(
                f"input: 1 or 2 dimensions were expected, got shape {input.shape}"
            )
        if input.ndim == 2 and offsets is not None:
            raise ValueError(
                f"offsets: None was expected for an input of shape {input.shape}"
            )
        if input.ndim == 2 and not input.shape[1]:
            raise RuntimeError(f"input: shape {input.shape} has bags of no places")
        if input.ndim == 1 and np.ndim(offsets) != 1:
            raise ValueError(
                f"offsets: an array of 1 dimension was expected, got {offsets}"
            )
        if self.mode not in ("sum", "mean", "max"):
            raise ValueError(
                f"mode: 'sum', 'mean' or 'max' was expected, got {self.mode!r}"
            )
        if self.mode == "max" and (self.scale_grad_by_freq or self.sparse):
            option = "scale_grad_by_freq" if self.scale_grad_by_freq else "sparse"
            raise ValueError(f"{option}: does not go with mode = 'max', in PyTorch")
        if w is not None and self.mode != "sum":
            raise NotImplementedError(
                f"per_sample_weights: mode 'sum' is expected with them, "
                f"got {self.mode!r}"
            )
        require_indices("input", input)
        require_within("input", input, self.num_embeddings, RuntimeError)
        if offsets is not None:
            require_indices("offsets", offsets)
        if w is not None:
            require_same_dtype("per_sample_weights", w, "weight", self.weight)

    def extra_repr(self):
        words = [f"{self.num_embeddings}, {self.embedding_dim}"]
        if self.max_norm is not None:
            words.append(f"max_norm={self.max_norm!r}")
        if self.norm_type != 2:
            words.append(f"norm_type={self.norm_type!r}")
        if self.scale_grad_by_freq is not False:
            words.append(f"scale_grad_by_freq={self.scale_grad_by_freq!r}")
        words.append(f"mode={self.mode!r}")
        if self.padding_idx is not None:
            words.append(f"padding_idx={self.padding_idx}")
        return ", ".join(words)
