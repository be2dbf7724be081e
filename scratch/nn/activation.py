"""Non-linearities. Backward formulas are in terms of what the forward pass has at hand,
the output wherever it says as much as the input (sigmoid, tanh, softmax).
"""

import warnings

import numpy as np

from .._arrays import keep_where, require_float_array, require_int, require_number
from ..module import Module

__all__ = ["LeakyReLU", "LogSoftmax", "ReLU", "Sigmoid", "Softmax", "Tanh"]


class ReLU(Module):
    r"""Rectified linear unit.

    Forward: $y = \max(x, 0)$.

    Backward: $dx = dy\,[x > 0]$. At the kink the subgradient 0 is taken,
    $\mathrm{ReLU}'(0) = 0$, as PyTorch does; a NaN input lets the gradient through.

    `inplace` is taken for PyTorch's signature; the input is never written to.

    Shape: any. Source: Nair and Hinton, Rectified linear units improve restricted
    Boltzmann machines, 2010.
    """

    def __init__(self, inplace=False):
        self.inplace = inplace

    def forward(self, x):
        require_float_array("input", x)
        y = np.asarray(np.maximum(x, 0))

        def back(dy):
            return keep_where(~(y <= 0), dy)

        return y, back

    def extra_repr(self):
        return "inplace=True" if self.inplace else ""


class LeakyReLU(Module):
    r"""ReLU with a small slope where it would be flat.

    Forward: $y = x$ for $x > 0$, else $a x$ with $a$ = `negative_slope`.

    Backward: $dx = dy$ for $x > 0$, else $a\, dy$; at 0 the slope is $a$.

    Shape: any. Source: Maas et al., Rectifier nonlinearities improve neural network
    acoustic models, 2013.
    """

    def __init__(self, negative_slope=0.01, inplace=False):
        self.negative_slope = negative_slope
        self.inplace = inplace

    def forward(self, x):
        require_float_array("input", x)
        require_number("negative_slope", self.negative_slope)
        slope = np.where(x > 0, x.dtype.type(1), x.dtype.type(self.negative_slope))

        def back(dy):
            return dy * slope

        return x * slope, back

    def extra_repr(self):
        inplace = ", inplace=True" if self.inplace else ""
        return f"negative_slope={self.negative_slope}{inplace}"


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

        def back(dy):
            return y * (dy - (dy * y).sum(axis=dim, keepdims=True))

        return y, back

    def extra_repr(self):
        return f"dim={self.dim}"


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
        y = log_softmax(x, dim)

        def back(dy):
            return dy - np.exp(y) * dy.sum(axis=dim, keepdims=True)

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


def softmax(x: np.ndarray, dim: int) -> np.ndarray:
    r"""$e^{x - m} / \sum e^{x - m}$ along `dim`."""
    y = _minus_maximum(x, dim)
    np.exp(y, out=y)
    y /= y.sum(axis=dim, keepdims=True)
    return y


def log_softmax(x: np.ndarray, dim: int) -> np.ndarray:
    r"""$(x - m) - \log \sum e^{x - m}$ along `dim`."""
    y = _minus_maximum(x, dim)
    if y.size:
        y -= np.log(np.exp(y).sum(axis=dim, keepdims=True))
    return y


def _minus_maximum(x: np.ndarray, dim: int) -> np.ndarray:
    if x.size == 0:
        return x.copy()
    with np.errstate(invalid="ignore"):  # inf - inf: NaN, as in PyTorch
        return np.asarray(x - x.max(axis=dim, keepdims=True))


def _dimension(dim: int | None, x: np.ndarray) -> int:
    if dim is None:
        dim = 0 if x.ndim in (0, 1, 3) else 1
        warnings.warn(
            f"dim: not given, and chosen as {dim} for an input of shape {x.shape}; "
            "PyTorch has deprecated this choice",
            stacklevel=4,
        )
    require_int("dim", dim)
    ndim = max(x.ndim, 1)
    if not -ndim <= dim < ndim:
        raise IndexError(
            f"dim: {dim} is outside [{-ndim}, {ndim - 1}], "
            f"the dimensions of an input of shape {x.shape}"
        )
    return dim
