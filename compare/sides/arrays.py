"""Arrays of one library as those of another, with their numbers and their layout."""

import numpy as np
import torch

from twofold import torch_ref
from twofold.scratch._sparse import SparseGradient

from ..numerics.dtypes import BFLOAT16
from .trace import Feed, Trace, is_floating, is_packed, over

TORCH_DTYPE = {
    np.dtype(np.float16): torch.float16,
    np.dtype(np.float32): torch.float32,
    np.dtype(np.float64): torch.float64,
}


def torch_dtype(feed: Feed) -> torch.dtype:
    """That of the floats of a run."""
    return torch.bfloat16 if feed.narrow == BFLOAT16 else TORCH_DTYPE[feed.dtype]


def array_dtype(feed: Feed):
    """The same of arrays, in which bfloat16 is that of ml_dtypes."""
    return ml_dtypes_bfloat16() if feed.narrow == BFLOAT16 else feed.dtype


def to_torch(x, device="cpu", dtype=None):
    """An array as a tensor with memory of its own; anything else as it is."""
    if isinstance(x, np.ndarray):
        x = x.astype(dtype) if dtype is not None and is_floating(x) else copied(x)
        return torch.from_numpy(x).to(device)
    return x


def copied(x: np.ndarray) -> np.ndarray:
    """In memory of its own, its axes in the same order there."""
    return x.copy(order="K")


LAYOUTS = ("", "transposed", "strided", "reversed")
"""As given; last axis first in memory; every second number of others; backwards."""


def laid_out(x: np.ndarray, layout: str) -> np.ndarray:
    """The same numbers, in memory of their own, in another order there."""
    if layout == "transposed" and x.ndim:
        return np.asfortranarray(x).copy(order="K")
    if layout == "strided" and x.ndim:
        spaced = np.zeros((*x.shape[:-1], 2 * x.shape[-1]), x.dtype)
        spaced[..., ::2] = x
        return spaced[..., ::2]
    if layout == "reversed" and x.ndim:
        return np.ascontiguousarray(x[..., ::-1])[..., ::-1]
    return copied(x)


def own_packed(tree, nested):
    """A nesting in which packed sequences are those of this tree."""
    if isinstance(nested, tuple | list):
        items = [own_packed(tree, item) for item in nested]
        packed = tree.nn.utils.rnn.PackedSequence
        if is_packed(nested):
            return packed._make(items)
        return items if type(nested) is list else tuple(items)
    return nested


def array_inputs(feed: Feed) -> tuple:
    """The inputs of a run as arrays of its own, in its dtype and layout."""

    def own(x):
        if not isinstance(x, np.ndarray):
            return x
        layout = feed.layout if is_floating(x) else ""
        if feed.narrow == BFLOAT16 and is_floating(x):
            x = x.astype(array_dtype(feed))
        return laid_out(x, layout)

    return over(own, feed.inputs)


def torch_inputs(feed: Feed, device) -> tuple:
    """The inputs of a run as tensors of its own, in its dtype and layout."""
    # PyTorch has no negative strides.
    layout = "" if feed.layout == "reversed" else feed.layout

    def own(x):
        if not isinstance(x, np.ndarray):
            return x
        laid = laid_out(x, layout if is_floating(x) else "")
        if any(stride < 0 for stride in laid.strides):
            laid = np.ascontiguousarray(laid)
        tensor = torch.from_numpy(laid).to(device)
        narrow = feed.narrow == BFLOAT16 and is_floating(x)
        return tensor.to(torch.bfloat16) if narrow else tensor

    return own_packed(torch_ref, over(own, feed.inputs))


def ml_dtypes_bfloat16():
    """NumPy has no bfloat16 of its own.

    Raises TypeError where the package that has one is not installed.
    """
    try:
        import ml_dtypes
    except ImportError:
        raise TypeError(
            "dtype bfloat16: arrays of it need the package ml_dtypes: pip install "
            "ml_dtypes"
        ) from None
    return ml_dtypes.bfloat16


def to_numpy(x) -> np.ndarray:
    """Of any library, by `__array__` or DLPack; bfloat16 as float32."""
    if isinstance(x, SparseGradient):
        return x.to_dense()
    if isinstance(x, torch.Tensor):
        x = (x.to_dense() if x.is_sparse else x).detach().cpu()
        x = x.resolve_conj().resolve_neg()
        return (x.float() if x.dtype == torch.bfloat16 else x).numpy()
    if not hasattr(x, "__array__") and hasattr(x, "__dlpack__"):
        return np.from_dlpack(x)
    x = np.asarray(x)
    return x.astype(np.float32) if x.dtype.name == BFLOAT16 else x


def keep(trace: Trace, name: str, x, copy: bool = True) -> None:
    """Put an array of any library into a trace, copied if someone may change it."""
    if str(getattr(x, "dtype", "")).removeprefix("torch.") == BFLOAT16:
        trace.narrowed.add(name)
    trace[name] = np.array(to_numpy(x), copy=copy or None)


def cast_options(options: dict, dtype, convert=lambda x: x) -> dict:
    """Constructor options whose arrays have the dtype of the run."""
    return {
        name: convert(value.astype(dtype) if is_floating(value) else value)
        for name, value in options.items()
    }
