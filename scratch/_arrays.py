"""Small operations on arrays that several layers share, and the checks of inputs."""

import numpy as np


def floating(dtype: np.dtype) -> bool:
    return np.issubdtype(dtype, np.floating)


def sum_rows(x: np.ndarray) -> np.ndarray:
    """sum_n x[n], shape (N, D) -> (D,), as one matrix-vector product.

    BLAS adds in blocks, so it is both faster than `x.sum(axis=0)` and, with many rows,
    more precise: NumPy adds along the first axis one row after the other.
    """
    return np.ones(len(x), x.dtype) @ x


def keep_where(mask: np.ndarray, x: np.ndarray) -> np.ndarray:
    """x where `mask`, else exactly 0: `np.where(mask, x, 0)` at the speed of a product.

    `x * mask` would turn an infinite x into NaN where the mask is off. Here the mask
    becomes all-ones or all-zeros bits, and is laid over the bits of x.
    """
    bits = np.dtype(f"i{x.dtype.itemsize}")
    chosen = np.asarray(-mask.astype(bits))
    chosen &= x.view(bits) if x.flags.c_contiguous else x.copy().view(bits)
    return chosen.view(x.dtype)


def unbroadcast(gradient: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Sum `gradient` over the axes along which an array of `shape` was repeated."""
    if gradient.shape == shape:
        return gradient
    extra = gradient.ndim - len(shape)
    stretched = tuple(
        extra + i for i, n in enumerate(shape) if n != gradient.shape[extra + i]
    )
    return gradient.sum(axis=(*range(extra), *stretched)).reshape(shape)


def empty_in_memory_order(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A new array laid out like `x`, and a flat view of it in the order of memory.

    PyTorch fills random masks in the order of memory, so a transposed input gets its
    draws transposed too.
    """
    like = np.empty_like(x)
    return like, like.ravel(order="K")


def require_float_array(name: str, x) -> None:
    """Raise TypeError unless x is an array, RuntimeError unless it is of floats."""
    if not isinstance(x, np.ndarray):
        raise TypeError(f"{name}: an array was expected, got {type(x).__name__}")
    if not floating(x.dtype):
        raise RuntimeError(f"{name}: a floating dtype was expected, got {x.dtype}")


def require_same_dtype(name: str, x: np.ndarray, other_name: str, other) -> None:
    if x.dtype != other.dtype:
        raise RuntimeError(
            f"{name}: dtype {x.dtype} does not go with {other_name} of {other.dtype}"
        )
