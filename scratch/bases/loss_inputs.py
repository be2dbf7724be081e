"""What losses do to their inputs first: check them, and lay the classes out as rows."""

import math
import warnings

import numpy as np

from .._arrays import (
    floating,
    require_array,
    require_broadcast,
    require_float_array,
    require_int,
    require_same_dtype,
)


def classes_last(x):
    """(N, C, d1, ...) as rows of C classes, and the way back to the first layout."""
    if x.ndim == 0:
        raise IndexError("input: a dimension of classes was expected, got a number")
    moved = np.moveaxis(x, 0 if x.ndim == 1 else 1, -1)
    C = moved.shape[-1]
    rows = moved.reshape(math.prod(moved.shape[:-1]), C)

    def to_input(drows):
        return np.moveaxis(drows.reshape(moved.shape), -1, 0 if x.ndim == 1 else 1)

    return rows, to_input


def chosen_classes(input, target, ignore_index):
    """Flat class indices (0 for an ignored one), and which of them count."""
    require_int("ignore_index", ignore_index)
    if not isinstance(target, np.generic):
        require_array("target", target)
    expected = input.shape[:1] + input.shape[2:] if input.ndim > 1 else ()
    wrong_shape = (
        f"target: shape {target.shape} was given, {expected} is expected "
        f"for an input of shape {input.shape}"
    )
    if expected:
        other_batch = target.shape[:1] != expected[:1]
    else:
        other_batch = target.ndim == 1 and len(target) != 1
    if other_batch:
        raise ValueError(wrong_shape)
    if target.dtype not in (np.int64, np.uint8):
        raise RuntimeError(
            f"target: class indices are int64 or uint8, got {target.dtype} of shape "
            f"{target.shape} for an input of shape {input.shape}"
        )
    if target.shape != expected:
        raise RuntimeError(wrong_shape)
    flat = target.reshape(-1)
    counts = flat != ignore_index
    classes = input.shape[0 if input.ndim == 1 else 1]
    wrong = counts & ((flat < 0) | (flat >= classes))
    if wrong.any():
        raise IndexError(f"target: {flat[wrong][0]} is not a class in [0, {classes})")
    return np.where(counts, flat, 0), counts


def sample_weights(weight, chosen, counts, dtype):
    if weight is None:
        return counts.astype(dtype)
    return np.where(counts, weight[chosen], dtype.type(0))


def require_class_weights(weight, rows):
    if weight is None:
        return
    if weight.shape != (rows.shape[1],):
        raise RuntimeError(
            f"weight: one number for each of {rows.shape[1]} classes was expected, "
            f"got shape {weight.shape}"
        )
    require_same_dtype("weight", weight, "input", rows)


def require_pair(input, target):
    require_float_array("input", input)
    if not isinstance(target, np.ndarray | np.generic) or not floating(target.dtype):
        require_float_array("target", target)
    require_same_dtype("target", target, "input", input)


def whole_as_float(target, input):
    """A target of integers in the dtype of the input; any other as it is."""
    whole = isinstance(target, np.ndarray) and target.dtype.kind in "iu"
    return target.astype(input.dtype) if whole else target


def require_weight(name, weight, input):
    if weight is not None:
        require_same_dtype(name, weight, "input", input)
        require_broadcast(name, weight, "an input", input)


def require_same_shape(input, target):
    if input.shape != target.shape:
        raise ValueError(
            f"target: shape {target.shape} differs from the input's {input.shape}"
        )


def require_fitting(input, target, name="target"):
    """Raise RuntimeError unless the shapes can be broadcast to each other."""
    try:
        np.broadcast_shapes(input.shape, target.shape)
    except ValueError:
        raise RuntimeError(
            f"{name}: shape {target.shape} does not go with an input of shape "
            f"{input.shape}"
        ) from None


def warn_unless_same_shape(input, target):
    if input.shape != target.shape:
        require_fitting(input, target)
        warnings.warn(
            f"target: shape {target.shape} differs from that of the input, "
            f"{input.shape}, and both are broadcast, which is seldom meant",
            stacklevel=4,
        )
