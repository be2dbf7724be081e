"""Sequences of different lengths: padded to one length, or packed without padding.

Packed data holds step 1 of all sequences, then step 2 of those that have one, and so
on. Its gradient is an array like `data`, in the layers of `nn.rnn` too:

    packed, pack_back = pack_padded_sequence(x, lengths)
    (packed, h), back = lstm(packed)
    (y, lengths), pad_back = pad_packed_sequence(packed)
    dx = pack_back(back(pad_back(dy), dh))

All of these functions only move numbers. Forward $y_r = x_{s(r)}$, where $s(r)$ is the
place that element r comes from, so backward $dx_{s(r)} = dy_r$: no two elements come
from one place, and there is nothing to be added up. What $s$ never meets, which is the
padding, has a gradient of 0.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from ..._arrays import require_array, require_int, require_number
from ...kernels.packed import places

__all__ = [
    "PackedSequence",
    "invert_permutation",
    "pack_padded_sequence",
    "pack_sequence",
    "pad_packed_sequence",
    "pad_sequence",
    "unpack_sequence",
    "unpad_sequence",
]


class _Fields(NamedTuple):
    data: np.ndarray
    batch_sizes: np.ndarray
    sorted_indices: np.ndarray | None
    unsorted_indices: np.ndarray | None


class PackedSequence(_Fields):
    """Sequences of different lengths, packed: what `pack_padded_sequence` returns.

    `data` (rows, ...) holds all steps; `batch_sizes`, int64, how many sequences have a
    step t. The sequences stand in the order `sorted_indices`, longest first;
    `unsorted_indices` puts them back. Both are None if they came in that order.

    Raises AssertionError for `data` alone that is no pair of data and batch_sizes.
    """

    def __new__(
        cls, data, batch_sizes=None, sorted_indices=None, unsorted_indices=None
    ):
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        if batch_sizes is None:
            if not isinstance(data, list | tuple) or len(data) != 2:
                raise AssertionError(
                    "data: without batch_sizes a pair (data, batch_sizes) was "
                    f"expected, got {type(data).__name__}"
                )
            data, batch_sizes = data
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)


def invert_permutation(permutation):
    """The permutation q that undoes p: q[p[i]] = i. None for None.

    An array of integers has no gradient, so there is no way back.

    Raises: TypeError for what is no array; IndexError unless it has one dimension;
    RuntimeError for floats, or unless each index of it is there once.
    """
    if permutation is None:
        return None
    require_array("permutation", permutation)
    if permutation.ndim != 1:
        raise IndexError(
            f"permutation: one dimension was expected, got shape {permutation.shape}"
        )
    n = len(permutation)
    if not np.issubdtype(permutation.dtype, np.integer):
        raise RuntimeError(
            f"permutation: integers were expected, got {permutation.dtype}"
        )
    if not np.array_equal(np.sort(permutation), np.arange(n)):
        raise RuntimeError(f"permutation: each number in [0, {n}) was expected once")
    inverse = np.empty_like(permutation)
    inverse[permutation] = np.arange(n)
    return inverse


def pack_padded_sequence(input, lengths, batch_first=False, enforce_sorted=True):
    r"""The steps of padded sequences without the padding, as a `PackedSequence`.

    Forward: with the samples i sorted by falling length $n_i$, row r of the packed data
    is $y_r = x_{t,i}$ for the r-th pair in the order (0, 0), (0, 1), ..., (1, 0), ...
    that has $t < n_i$.

    Backward: $dx_{t,i} = dy_r$ at these pairs, and 0 in the padding. `back` takes the
    gradient of the packed data and returns that of `input`.

    Samples of one length keep their order. (PyTorch sorts more than 16 of them in an
    order of its own on some processors.) With `enforce_sorted` they must come sorted.

    Shape: `input` (T, B, *), or (B, T, *) with `batch_first`; `lengths` B integers,
    as an array or a list; `data` (sum of the lengths, *).

    Raises: RuntimeError for an empty input; for lengths that are not one for each
    sample, not in [1, T], or not sorted with `enforce_sorted`; IndexError for an input
    of one dimension; TypeError for one that is no array, or lengths that are no
    numbers.
    """
    require_array("input", input)
    if input.ndim < 2:
        raise IndexError(
            f"input: at least 2 dimensions were expected, got shape {input.shape}"
        )
    X = input.swapaxes(0, 1) if batch_first else input
    lengths = _require_lengths(lengths, X)
    if enforce_sorted:
        order = None
        if (np.diff(lengths) > 0).any():
            raise RuntimeError(
                "lengths: with enforce_sorted they must fall, from sample to sample, "
                f"got {lengths}"
            )
    else:
        order = np.argsort(-lengths, kind="stable")
        lengths = lengths[order]
    batch_sizes = (lengths > np.arange(lengths[0])[:, None]).sum(axis=1)
    where = _where(batch_sizes, order)

    def back(ddata):
        dX = np.zeros(X.shape, ddata.dtype)
        dX[where] = ddata
        return dX.swapaxes(0, 1) if batch_first else dX

    data = np.asarray(X[where])
    return PackedSequence(data, batch_sizes.astype(np.int64), order), back


def pad_packed_sequence(
    sequence, batch_first=False, padding_value=0.0, total_length=None
):
    r"""Packed sequences padded to one length, in their original order; their lengths.

    The inverse of `pack_padded_sequence`. Forward: with the pairs (t, i) of its
    formula, $y_{t,i} = x_r$, and $y_{t,i}$ = `padding_value` for $t \ge n_i$.

    Backward: $dx_r = dy_{t,i}$; what reaches the padding reaches a constant, and goes
    no further. `back` takes the gradient of the padded array, and may be given one of
    the lengths, which is not used; it returns the gradient of the packed data.

    Shape: (T, B, *), or (B, T, *) with `batch_first`, where T is the longest length,
    or `total_length`; the lengths (B,), int64.

    Raises: ValueError for a `total_length` below the longest length; TypeError if it is
    no int, or `padding_value` no number; RuntimeError for batch_sizes that do not fit.
    """
    data, batch_sizes = sequence.data, sequence.batch_sizes
    require_batch_sizes(batch_sizes, len(data))
    require_number("padding_value", padding_value)
    T, B = len(batch_sizes), int(batch_sizes[0])
    if total_length is not None:
        require_int("total_length", total_length)
        if total_length < T:
            raise ValueError(
                f"total_length: at least the longest length, {T}, was expected, "
                f"got {total_length}"
            )
        T = total_length
    where = _where(batch_sizes, sequence.sorted_indices)
    Y = _padding((T, B), data, padding_value)
    Y[where] = data
    lengths = np.bincount(where[1], minlength=B)

    def back(dY, dlengths=None):
        return (dY.swapaxes(0, 1) if batch_first else dY)[where]

    return (Y.swapaxes(0, 1) if batch_first else Y, lengths), back


def pad_sequence(sequences, batch_first=False, padding_value=0.0, padding_side="right"):
    r"""Sequences of different lengths, padded to the longest and stacked.

    Forward: $y_{t,i} = x^{(i)}_t$ for $t < n_i$, else `padding_value`; with
    `padding_side="left"` $y_{t,i} = x^{(i)}_{t-(T-n_i)}$, so that all end together.

    Backward: $dx^{(i)}$ is the part of $dy$ where $x^{(i)}$ stands. `back` returns a
    list with the gradient of each sequence.

    Shape: sequences ($n_i$, *), result (T, B, *), or (B, T, *) with `batch_first`,
    in the dtype of the first.

    Raises: RuntimeError for what is no iterable or an empty one, for sequences that
    differ in more than their lengths, and for an unknown `padding_side`; TypeError for
    a sequence that is no array.
    """
    if not isinstance(sequences, Iterable):
        raise RuntimeError(
            f"sequences: an iterable was expected, got {type(sequences).__name__}"
        )
    sequences = list(sequences)
    if not sequences:
        raise RuntimeError("sequences: at least one was expected, got none")
    for x in sequences:
        require_array("sequences", x)
        if not x.ndim or x.shape[1:] != sequences[0].shape[1:]:
            shapes = [x.shape for x in sequences]
            raise RuntimeError(
                f"sequences: shapes (length, *) of one * were expected, got {shapes}"
            )
    if padding_side not in ("left", "right"):
        raise RuntimeError(
            f"padding_side: 'left' or 'right' was expected, got {padding_side!r}"
        )
    T = max(len(x) for x in sequences)
    Y = _padding((len(sequences), T), sequences[0], padding_value)
    starts = [T - len(x) if padding_side == "left" else 0 for x in sequences]
    for y, x, start in zip(Y, sequences, starts, strict=True):
        y[start : start + len(x)] = x

    def back(dY):
        dY = dY if batch_first else dY.swapaxes(0, 1)
        return [
            dy[start : start + len(x)].astype(x.dtype, copy=False)
            for dy, x, start in zip(dY, sequences, starts, strict=True)
        ]

    return Y if batch_first else Y.swapaxes(0, 1), back


def unpad_sequence(padded_sequences, lengths, batch_first=False):
    r"""The inverse of `pad_sequence`: a list of the sequences without their padding.

    Forward: $y^{(i)}_t = x_{t,i}$ for $t < n_i$. Backward: $dx_{t,i} = dy^{(i)}_t$
    there, and 0 in the padding; `back` takes a list of gradients. A length beyond T is
    taken for T, one below 0 for 0.

    Shape: (T, B, *), or (B, T, *) with `batch_first`. The array is left as it is;
    PyTorch's function transposes its argument in place without `batch_first`.

    Raises: IndexError for an array of one dimension; ValueError for lengths that are
    not one for each sample.
    """
    require_array("padded_sequences", padded_sequences)
    if padded_sequences.ndim < 2:
        raise IndexError(
            "padded_sequences: at least 2 dimensions were expected, got shape "
            f"{padded_sequences.shape}"
        )
    X = padded_sequences if batch_first else padded_sequences.swapaxes(0, 1)
    if len(lengths) != len(X):
        raise ValueError(
            f"lengths: one for each of {len(X)} samples was expected, "
            f"got {len(lengths)}"
        )
    inside = np.arange(X.shape[1]) < np.asarray(lengths).reshape(len(X), 1)

    def back(dsequences):
        dX = np.zeros_like(X)
        for dx, mask, dy in zip(dX, inside, dsequences, strict=True):
            dx[mask] = dy
        return dX if batch_first else dX.swapaxes(0, 1)

    return [x[mask] for x, mask in zip(X, inside, strict=True)], back


def pack_sequence(sequences, enforce_sorted=True):
    """A list of sequences, packed: `pad_sequence`, then `pack_padded_sequence`.

    `back` takes the gradient of the packed data and returns a list with that of each
    sequence: the two ways back, one after the other. Errors are those of the two.
    """
    padded, pad_back = pad_sequence(sequences)
    lengths = [len(x) for x in sequences]
    packed, pack_back = pack_padded_sequence(
        padded, lengths, enforce_sorted=enforce_sorted
    )
    return packed, lambda ddata: pad_back(pack_back(ddata))


def unpack_sequence(packed_sequences):
    """The inverse of `pack_sequence`: `pad_packed_sequence`, then `unpad_sequence`.

    `back` takes a list of gradients and returns that of the packed data.
    """
    (padded, lengths), pad_back = pad_packed_sequence(packed_sequences, True)
    sequences, unpad_back = unpad_sequence(padded, lengths, True)
    return sequences, lambda dsequences: pad_back(unpad_back(dsequences))


def _where(batch_sizes, order):
    """Step and sample of every packed row, with the samples in the caller's order."""
    step, sample = places(batch_sizes)
    return step, sample if order is None else order[sample]


def _padding(sizes, data, value):
    Y = np.empty((*sizes, *data.shape[1:]), data.dtype)
    Y[...] = value
    return Y


def _require_lengths(lengths, X) -> np.ndarray:
    """`lengths` as integers, checked against X (T, B, *)."""
    try:
        lengths = np.asarray(lengths).astype(np.int64)
    except (TypeError, ValueError):
        raise TypeError(
            f"lengths: integers were expected, got {lengths!r:.60}"
        ) from None
    T, B = X.shape[:2]
    if lengths.ndim != 1 or not X.size or len(lengths) != B:
        raise RuntimeError(
            f"lengths: one for each sample of an input that is not empty was expected, "
            f"got shape {lengths.shape} for {B} samples of {T} steps"
        )
    if lengths.min() < 1 or lengths.max() > T:
        raise RuntimeError(
            f"lengths: numbers from 1 to the {T} steps of the input were expected, "
            f"got {lengths}"
        )
    return lengths


def require_batch_sizes(batch_sizes, rows: int) -> None:
    """Raise RuntimeError unless these are the numbers of samples at each step."""
    kind = getattr(batch_sizes, "dtype", None)
    if kind != np.int64 or batch_sizes.ndim != 1 or not len(batch_sizes):
        raise RuntimeError(
            "batch_sizes: an int64 array of one dimension, with a number for each "
            f"step, was expected, got {batch_sizes!r:.60}"
        )
    if batch_sizes[-1] < 1 or (np.diff(batch_sizes) > 0).any():
        raise RuntimeError(
            "batch_sizes: positive numbers that never rise were expected, got "
            f"{batch_sizes}"
        )
    if batch_sizes.sum() != rows:
        raise RuntimeError(
            f"batch_sizes: they make {batch_sizes.sum()} rows, and data has {rows}"
        )
