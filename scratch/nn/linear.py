"""Affine maps."""

import math

import numpy as np

from .._arrays import (
    Detached,
    require_float_array,
    require_int,
    require_same_dtype,
    sum_rows,
)
from ..module import Module, Parameter
from . import init

__all__ = ["Identity", "Linear"]


class Identity(Module):
    r"""Hands its input on unchanged; takes and ignores any arguments.

    Forward: $y = x$. Backward: $dx = dy$.

    Shape: any.
    """

    def __init__(self, *args, **kwargs):
        pass

    def forward(self, x):
        def back(dy):
            return dy

        return x, back


class Linear(Module):
    r"""The affine map from `in_features` to `out_features` numbers.

    Forward: $y = x W^\top + b$.

    Backward: with $L$ the loss and one row $n$ for each sample,
    $y_{no} = \sum_i x_{ni} W_{oi} + b_o$, hence

    $dW_{oi} = \sum_n dy_{no}\, x_{ni}$, that is $dW = dy^\top x$;
    $db_o = \sum_n dy_{no}$;
    $dx_{ni} = \sum_o dy_{no}\, W_{oi}$, that is $dx = dy\, W$.

    Parameters are drawn as PyTorch draws them: the weight by
    `kaiming_uniform_(a=sqrt(5))`, the bias uniform within $\pm 1/\sqrt{\text{in}}$.

    Shape: $x$ (*, in_features), $y$ (*, out_features), $W$ (out_features, in_features),
    $b$ (out_features); * is any number of dimensions, also none.

    Raises:
        TypeError: a size is not an int; `x` is not an array.
        RuntimeError: a size is negative; the last dimension of `x` is not
            `in_features`, or its dtype is not that of the weight.
    """

    def __init__(self, in_features, out_features, bias=True, dtype=None):
        dtype = dtype or np.float32
        for name, n in ("in_features", in_features), ("out_features", out_features):
            require_int(name, n)
            if n < 0:
                raise RuntimeError(f"{name}: a size was expected, got {n}")
        self.in_features = in_features
        self.out_features = out_features
        self.weight = Parameter(np.empty((out_features, in_features), dtype))
        self.bias = Parameter(np.empty(out_features, dtype)) if bias else None
        self.reset_parameters()

    def reset_parameters(self):
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(self.in_features) if self.in_features else 0
            init.uniform_(self.bias, -bound, bound)

    def forward(self, x):
        W = self.weight.data
        require_float_array("input", x)
        require_same_dtype("input", x, "weight", W)
        if x.ndim == 0 or x.shape[-1] != self.in_features:
            raise RuntimeError(
                f"input: shape {x.shape} does not end in "
                f"in_features = {self.in_features}"
            )
        leading = x.shape[:-1]
        X = np.asarray(x).reshape(math.prod(leading), self.in_features)
        Y = X @ W.T
        if self.bias is not None:
            Y += self.bias.data

        def back(dy):
            dY = dy.reshape(Y.shape)
            self.weight.accumulate(dY.T @ X)
            if self.bias is not None:
                self.bias.accumulate(sum_rows(dY))
            return None if isinstance(x, Detached) else (dY @ W).reshape(x.shape)

        return Y.reshape(*leading, self.out_features), back

    def extra_repr(self):
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}"
        )
