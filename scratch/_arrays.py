"""Small operations on arrays that several layers share, and the checks of arguments."""

import math
from numbers import Integral, Real

import numpy as np


def floating(dtype: np.dtype) -> bool:
    return np.issubdtype(dtype, np.floating)


class Detached(np.ndarray):
    """See `detach`. What is computed from it is an ordinary array again."""

    def __array_wrap__(self, array, context=None, return_scalar=False):
        return array[()] if return_scalar else np.asarray(array)


def detach(input: np.ndarray) -> np.ndarray:
    """The same memory, as an array that no gradient leads to: data, not a result.

    A layer that is called with it may return None instead of the gradient of its input,
    which spares a first layer a third of its work, as autograd spares it for a tensor
    that does not require a gradient.
    """
    return input.view(Detached)


RUN = 256  # rows that are added one after the other before their sum is kept
LONG = 1 << 14  # numbers of a row up to which BLAS adds them as precisely as NumPy
RUN_OF_PRODUCTS = 4096  # the same of outer products, by which a product pays


def sum_rows(x: np.ndarray) -> np.ndarray:
    """sum_n x[n], shape (N, ...) -> (...), in runs of rows, then runs of their sums.

    Down the first axis NumPy adds one row after the other, and so does BLAS: every
    partial sum is rounded, and over a million rows of float32 they are off by hundreds
    of roundings. In runs it is a few whatever N, as in pairwise summation, and as a
    product of matrices it is no slower.
    """
    return _sum_down(x.reshape(len(x), math.prod(x.shape[1:]))).reshape(x.shape[1:])


def _sum_down(x: np.ndarray) -> np.ndarray:
    """The same of many matrices, (..., N, D) -> (..., D)."""
    *leading, N, D = x.shape
    if N <= RUN:
        return np.ones(N, x.dtype) @ x
    whole = N - N % RUN
    runs = x[..., :whole, :].reshape(*leading, N // RUN, RUN, D)
    total = _sum_down(np.ones(RUN, x.dtype) @ runs)
    return total + _sum_down(x[..., whole:, :]) if whole < N else total


def product_over_rows(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """sum_n x[n] y[n]^T, (N, D) and (N, E) -> (D, E): x.T @ y, in runs of rows."""
    N, R = len(x), RUN_OF_PRODUCTS
    if N < 2 * R:
        return x.T @ y
    runs = N // R
    X = x[: runs * R].reshape(runs, R, x.shape[1])
    Y = y[: runs * R].reshape(runs, R, y.shape[1])
    total = sum_rows(X.swapaxes(1, 2) @ Y)
    return total + x[runs * R :].T @ y[runs * R :] if N % R else total


def sum_along(x: np.ndarray, axis: int) -> np.ndarray:
    """`x.sum(axis, keepdims=True)` as matrix-vector products."""
    axis = axis % max(x.ndim, 1)
    if x.ndim < 2 or not x.flags.c_contiguous or x.dtype == np.float16:
        return np.asarray(x.sum(axis=axis, keepdims=True))
    before, N, after = x.shape[:axis], x.shape[axis], x.shape[axis + 1 :]
    if after:
        total = _sum_down(x.reshape(*before, N, math.prod(after)))
    elif N <= LONG:
        total = x @ np.ones(N, x.dtype)
    else:
        total = x.sum(axis=-1)
    return total.reshape(*before, 1, *after)


def keep_where(mask: np.ndarray, x: np.ndarray) -> np.ndarray:
    """x where `mask`, else exactly 0: `np.where(mask, x, 0)` at the speed of a product.

    `x * mask` would turn an infinite x into NaN where the mask is off. Here the mask
    becomes all-ones or all-zeros bits, and is laid over the bits of x.
    """
    bits = np.dtype(f"i{x.dtype.itemsize}")
    chosen = np.asarray(-mask.astype(bits))
    chosen &= x.view(bits) if x.flags.c_contiguous else x.copy().view(bits)
    return chosen.view(x.dtype)


def choose(mask: np.ndarray, yes, no, dtype) -> np.ndarray:
    """`np.where(mask, yes, no)` of numbers or arrays of `dtype`, without its branches.

    On random masks `np.where` is many times slower than arithmetic. Here the bits in
    which both differ are laid over `no` where the mask is on.
    """
    bits = np.dtype(f"i{np.dtype(dtype).itemsize}")
    yes, no = (np.asarray(x, dtype).view(bits) for x in (yes, no))
    chosen = np.asarray(-mask.astype(bits))
    chosen &= yes ^ no
    chosen ^= no
    return chosen.view(dtype)


def unbroadcast(gradient: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Sum `gradient` over the axes along which an array of `shape` was repeated."""
    if gradient.shape == shape:
        return gradient
    extra = gradient.ndim - len(shape)
    stretched = tuple(
        extra + i for i, n in enumerate(shape) if n != gradient.shape[extra + i]
    )
    if stretched == tuple(range(extra, extra + len(stretched))):  # rows of the rest
        rest = gradient.shape[extra + len(stretched) :]
        rows = math.prod(gradient.shape[: extra + len(stretched)])
        return sum_rows(gradient.reshape(rows, *rest)).reshape(shape)
    return gradient.sum(axis=(*range(extra), *stretched)).reshape(shape)


def empty_in_memory_order(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A new array laid out like `x`, and a flat view of it in the order of memory.

    PyTorch fills random masks in the order of memory, so a transposed input gets its
    draws transposed too.
    """
    if 0 not in x.strides:
        like = np.empty_like(x)
        return like, like.ravel(order="K")
    # An axis along which x is repeated has no place of its own in memory. It stays
    # where it is among the others, which are sorted by insertion (ATen, Utils.cpp).
    inner_first = list(range(x.ndim))[::-1]
    for i in range(1, x.ndim):
        at = i
        for j in range(i - 1, -1, -1):
            left, right = inner_first[j], inner_first[at]
            if 0 in (x.strides[left], x.strides[right]):
                continue
            if x.strides[left] < x.strides[right]:
                break
            if (x.strides[left], x.shape[left]) > (x.strides[right], x.shape[right]):
                inner_first[j], inner_first[at] = inner_first[at], inner_first[j]
                at = j
    axes = inner_first[::-1]
    flat = np.empty(x.size, x.dtype)
    like = flat.reshape([x.shape[axis] for axis in axes]).transpose(np.argsort(axes))
    return like, flat


def require_int(name: str, value) -> None:
    """Raise TypeError unless value is an integer; here a bool is none."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name}: an int was expected, got {value!r}")


def require_sizes(**sizes) -> None:
    """Raise TypeError for a size that is no integer, RuntimeError for one below 0."""
    for name, n in sizes.items():
        require_int(name, n)
        if n < 0:
            raise RuntimeError(f"{name}: a size was expected, got {n}")


def require_number(name: str, value) -> None:
    """Raise TypeError unless value is a real number."""
    if not isinstance(value, Real):
        raise TypeError(f"{name}: a number was expected, got {value!r}")


def require_broadcast(name: str, x: np.ndarray, other_name: str, other) -> None:
    """Raise RuntimeError unless x, repeated where it is 1, has the shape of other."""
    try:
        fits = np.broadcast_shapes(x.shape, other.shape) == other.shape
    except ValueError:
        fits = False
    if not fits:
        raise RuntimeError(
            f"{name}: shape {x.shape} cannot be broadcast to {other_name} of shape "
            f"{other.shape}"
        )


def require_array(name: str, x) -> None:
    if not isinstance(x, np.ndarray):
        raise TypeError(f"{name}: an array was expected, got {type(x).__name__}")


def require_float_array(name: str, x) -> None:
    """Raise TypeError unless x is an array, RuntimeError unless it is of floats."""
    require_array(name, x)
    if not floating(x.dtype):
        raise RuntimeError(f"{name}: a floating dtype was expected, got {x.dtype}")


def require_same_dtype(name: str, x: np.ndarray, other_name: str, other) -> None:
    if x.dtype != other.dtype:
        raise RuntimeError(
            f"{name}: dtype {x.dtype} does not go with {other_name} of {other.dtype}"
        )
