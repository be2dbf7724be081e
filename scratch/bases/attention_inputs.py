"""What `MultiheadAttention` is given: refused as by PyTorch, masks made alike."""

import warnings

import numpy as np

from .._arrays import floating, require_array, require_float_array, require_same_dtype


def require_inputs(layer, query, key, value):
    inputs = {"query": query, "key": key, "value": value}
    for name, x in inputs.items():
        require_float_array(name, x)
        if x.ndim != query.ndim or x.ndim not in (2, 3):
            raise AssertionError(
                f"{name}: 2 dimensions were expected, or 3 for a batch, and as many as "
                f"query has, got shape {x.shape}"
            )
        require_same_dtype(name, x, "weights", layer.out_proj.weight)
    if query.shape[-1] != layer.embed_dim:
        raise AssertionError(
            f"query: shape {query.shape} does not end in embed_dim = {layer.embed_dim}"
        )
    if key.shape[:-1] != value.shape[:-1]:
        raise AssertionError(
            f"value: shape {value.shape} does not go with key of {key.shape}"
        )
    error = RuntimeError if layer._qkv_same_embed_dim else AssertionError
    for name, size in ("key", "kdim"), ("value", "vdim"):
        x, expected = inputs[name], getattr(layer, size)
        if x.shape[-1] != expected:
            equal = key.shape[-1] == value.shape[-1]
            raise (error if equal else AssertionError)(
                f"{name}: shape {x.shape} does not end in {size} = {expected}"
            )
    batch = 0 if layer.batch_first else 1
    if query.ndim == 3 and query.shape[batch] != key.shape[batch]:
        raise RuntimeError(
            f"key: shape {key.shape} is of another batch than query of {query.shape}"
        )


def added_masks(attn_mask, key_padding_mask, batched, N, H, L, S, dtype) -> dict:
    """Both masks by name as what is added to scores (N, H, L, S), None left out."""
    masks = {"attn_mask": attn_mask, "key_padding_mask": key_padding_mask}
    masks = {name: mask for name, mask in masks.items() if mask is not None}
    for name, mask in masks.items():
        require_array(name, mask)
        if mask.dtype != bool and not floating(mask.dtype):
            raise AssertionError(
                f"{name}: dtype bool or a floating one was expected, got {mask.dtype}"
            )
    if len({mask.dtype for mask in masks.values()}) == 2:
        warnings.warn(
            f"key_padding_mask: dtype {key_padding_mask.dtype} and attn_mask of "
            f"{attn_mask.dtype} differ; PyTorch has deprecated that",
            stacklevel=5,
        )
    shapes = {}
    if key_padding_mask is not None:
        expected = (N, S) if batched else (S,)
        if key_padding_mask.shape != expected:
            raise AssertionError(
                f"key_padding_mask: shape {expected} was expected, "
                f"got {key_padding_mask.shape}"
            )
        shapes["key_padding_mask"] = N, 1, 1, S
    if attn_mask is not None:
        if attn_mask.ndim not in (2, 3):
            raise AssertionError(
                f"attn_mask: 2 or 3 dimensions were expected, got {attn_mask.shape}"
            )
        expected = (L, S) if attn_mask.ndim == 2 else (N * H, L, S)
        if attn_mask.shape != expected:
            error = RuntimeError if batched or attn_mask.ndim == 2 else AssertionError
            raise error(
                f"attn_mask: shape {expected} was expected, got {attn_mask.shape}"
            )
        shapes["attn_mask"] = (1, 1, L, S) if attn_mask.ndim == 2 else (N, H, L, S)
    return {n: hidden(mask, dtype).reshape(shapes[n]) for n, mask in masks.items()}


def hidden(mask: np.ndarray, dtype) -> np.ndarray:
    """0 where a boolean mask is False, minus infinity where it is True."""
    if mask.dtype != bool:
        return mask.astype(dtype, copy=False)
    return np.where(mask, dtype.type(-np.inf), dtype.type(0))
