"""Sigmoid, tanh and softmax, whose outputs say as much as their inputs: the backward
formulas are in terms of the output, which the forward pass has at hand.
"""

import warnings

import numpy as np

from .._arrays import require_float_array, require_int, sum_along
from ..module import Module

__all__ = ["LogSoftmax", "Sigmoid", "Softmax", "Softmax2d", "Softmin", "Tanh"]


class Sigmoid(Module):
    r"""The logistic function, from any number to a probability.

    Forward: $y = \sigma(x) = 1 / (1 + e^{-x})$. For very negative $x$ the exponential
    overflows to infinity and $y$ is 0, which is right.

    Backward: $\sigma' = e^{-x} / (1 + e^{-x})^2 = \sigma (1 - \sigma)$, so
    $dx = dy\; y (1 - y)$.

    Shape: any.
    """

    def forward(self, x):
        require_float_array("input", x)
        y = sigmoid(x)

        def back(dy):
            return dy * (y * (1 - y))

        return y, back


class Tanh(Module):
    r"""The hyperbolic tangent, from any number to (-1, 1).

    Forward: $y = \tanh x = (e^x - e^{-x}) / (e^x + e^{-x})$.

    Backward: $\tanh' = 1 - \tanh^2$, so $dx = dy\,(1 - y^2)$.

    Shape: any.
    """

    def forward(self, x):
        require_float_array("input", x)
        y = np.asarray(np.tanh(x))

        def back(dy):
            return dy * (1 - y * y)

        return y, back


class Softmax(Module):
    r"""Positive numbers that sum to 1 along `dim`.

    Forward: $y_i = e^{x_i - m} / \sum_j e^{x_j - m}$ with $m = \max_j x_j$, which
    cancels, and keeps the exponential from overflowing.

    Backward: $\partial y_i / \partial x_j = y_i ([i = j] - y_j)$, so
    $dx_j = \sum_i dy_i\, \partial y_i / \partial x_j
    = y_j\,(dy_j - \sum_i dy_i\, y_i)$.

    Without `dim` it is chosen as PyTorch does (0 for 0, 1 or 3 dimensions, else 1),
    with the same warning.

    Shape: any. Raises IndexError for a `dim` that the input does not have.
    """

    def __init__(self, dim=None):
        self.dim = dim

    def forward(self, x):
        require_float_array("input", x)
        dim = _dimension(self.dim, x)
        y = softmax(x, dim)
        return y, lambda dy: softmax_back(y, dy, dim)

    def extra_repr(self):
        return f"dim={self.dim}"


class Softmin(Module):
    r"""Softmax of the negative input: the smallest number gets the largest share.

    Forward: $y = \mathrm{softmax}(-x)$.

    Backward: that of `Softmax` with the sign of the inner function,
    $dx_j = -y_j\,(dy_j - \sum_i dy_i\, y_i)$.

    Shape: any. `dim` and its errors are those of `Softmax`.
    """

    def __init__(self, dim=None):
        self.dim = dim

    def forward(self, x):
        require_float_array("input", x)
        dim = _dimension(self.dim, x)
        y = softmax(np.asarray(-x), dim)
        return y, lambda dy: -softmax_back(y, dy, dim)

    def extra_repr(self):
        return f"dim={self.dim}"


class Softmax2d(Module):
    r"""Softmax over the channels, at each place of an image.

    Forward: $y_{nchw} = e^{x_{nchw}} / \sum_k e^{x_{nkhw}}$.

    Backward: that of `Softmax`.

    Shape: (N, C, H, W) or (C, H, W). Raises ValueError for another number of
    dimensions.
    """

    def forward(self, x):
        require_float_array("input", x)
        if x.ndim not in (3, 4):
            raise ValueError(f"input: 3 or 4 dimensions were expected, got {x.ndim}")
        y = softmax(x, -3)
        return y, lambda dy: softmax_back(y, dy, -3)


class LogSoftmax(Module):
    r"""The logarithm of the softmax along `dim`, in one go.

    Forward: $y_i = (x_i - m) - \log \sum_j e^{x_j - m}$ with $m = \max_j x_j$. The
    logarithm is never taken of a number that may have underflowed to 0.

    Backward: $\partial y_i / \partial x_j = [i = j] - p_j$ with $p = e^y$ the softmax,
    so $dx_j = dy_j - p_j \sum_i dy_i$.

    Shape: any. `dim` and its errors are those of `Softmax`.
    """

    def __init__(self, dim=None):
        self.dim = dim

    def forward(self, x):
        require_float_array("input", x)
        dim = _dimension(self.dim, x)
        y, e, total = log_softmax_parts(x, dim)

        def back(dy):
            with np.errstate(invalid="ignore"):  # no elements: 0 / 0
                mean = sum_along(dy, dim) / total
            return dy - e * mean

        return y, back

    def extra_repr(self):
        return f"dim={self.dim}"


def sigmoid(x: np.ndarray) -> np.ndarray:
    r"""$1 / (1 + e^{-x})$, elementwise."""
    y = np.asarray(-x)
    with np.errstate(over="ignore"):
        np.exp(y, out=y)
    y += 1
    return np.divide(1, y, out=y)


def log_sigmoid(x: np.ndarray) -> np.ndarray:
    r"""$\min(x, 0) - \log(1 + e^{-|x|})$, elementwise: it never overflows."""
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))


def softmax(x: np.ndarray, dim: int) -> np.ndarray:
    r"""$e^{x - m} / \sum e^{x - m}$ along `dim`."""
    _, y, total = exponentials(x, dim)
    y /= total
    return y


def softmax_back(y: np.ndarray, dy: np.ndarray, dim: int) -> np.ndarray:
    r"""$y_j\,(dy_j - \sum_i dy_i\, y_i)$ along `dim`."""
    dx = dy - sum_along(dy * y, dim)
    dx *= y
    return dx


def log_softmax(x: np.ndarray, dim: int) -> np.ndarray:
    r"""$(x - m) - \log \sum e^{x - m}$ along `dim`."""
    return log_softmax_parts(x, dim)[0]


def log_softmax_parts(x: np.ndarray, dim: int) -> tuple:
    """The log-softmax, and two arrays whose quotient is the softmax."""
    y, e, total = exponentials(x, dim)
    if y.size:
        y -= np.log(total)
    return y, e, total


def exponentials(x: np.ndarray, dim: int) -> tuple:
    r"""$x - m$, $e^{x - m}$ and $\sum e^{x - m}$ along `dim`, $m$ the maximum there."""
    with np.errstate(invalid="ignore"):  # inf - inf: NaN, as in PyTorch
        y = np.asarray(x - (x.max(axis=dim, keepdims=True) if x.size else 0))
    e = np.asarray(np.exp(y))
    return y, e, sum_along(e, dim)


def _dimension(dim: int | None, x: np.ndarray) -> int:
    if dim is None:
        dim = 0 if x.ndim in (0, 1, 3) else 1
        warnings.warn(
            f"dim: not given, and chosen as {dim} for an input of shape {x.shape}; "
            "PyTorch has deprecated this choice",
            stacklevel=4,
        )
    require_dimension(dim, x)
    return dim


def require_dimension(dim: int, x: np.ndarray) -> None:
    """Raise TypeError unless dim is an int, IndexError unless x has it."""
    require_int("dim", dim)
    ndim = max(x.ndim, 1)
    if not -ndim <= dim < ndim:
        raise IndexError(
            f"dim: {dim} is outside [{-ndim}, {ndim - 1}], "
            f"the dimensions of an input of shape {x.shape}"
        )
