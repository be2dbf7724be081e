"""Affine maps, and maps linear in each of two inputs."""

import math

import numpy as np

from .._arrays import (
    Detached,
    product_over_rows,
    require_float_array,
    require_same_dtype,
    require_sizes,
    sum_rows,
)
from ..module import Module, Parameter
from . import init

__all__ = ["Bilinear", "Identity", "Linear"]


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
        require_sizes(in_features=in_features, out_features=out_features)
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
            self.weight.accumulate(product_over_rows(dY, X))
            if self.bias is not None:
                self.bias.accumulate(sum_rows(dY))
            return None if isinstance(x, Detached) else (dY @ W).reshape(x.shape)

        return Y.reshape(*leading, self.out_features), back

    def extra_repr(self):
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}"
        )


class Bilinear(Module):
    r"""A form of two inputs, linear in each: every product of two features counts.

    Forward: $y_{no} = \sum_{ij} a_{ni} W_{oij} b_{nj} + c_o$ with $a$ and $b$ the
    inputs, $c$ the bias, and one row $n$ for each sample.

    Backward: $y$ is linear in each factor, so the gradient of one is what stands
    beside it: with $P_{noj} = \sum_i a_{ni} W_{oij}$ and $G_{noj} = dy_{no}\, b_{nj}$,
    $da_{ni} = \sum_{oj} G_{noj} W_{oij}$; $db_{nj} = \sum_o dy_{no} P_{noj}$;
    $dW_{oij} = \sum_n a_{ni} G_{noj}$; $dc_o = \sum_n dy_{no}$.

    Parameters are drawn as PyTorch draws them, uniform within
    $\pm 1/\sqrt{\text{in1}}$.

    Shape: $a$ (*, in1_features), $b$ (*, in2_features), $y$ (*, out_features), $W$
    (out_features, in1_features, in2_features), $c$ (out_features).

    Raises:
        TypeError: a size is not an int; an input is not an array.
        ValueError: `in1_features` is 0.
        RuntimeError: a size is negative; shapes or dtypes do not fit.
    """

    def __init__(self, in1_features, in2_features, out_features, bias=True, dtype=None):
        dtype = dtype or np.float32
        require_sizes(
            in1_features=in1_features,
            in2_features=in2_features,
            out_features=out_features,
        )
        self.in1_features = in1_features
        self.in2_features = in2_features
        self.out_features = out_features
        shape = out_features, in1_features, in2_features
        self.weight = Parameter(np.empty(shape, dtype))
        self.bias = Parameter(np.empty(out_features, dtype)) if bias else None
        self.reset_parameters()

    def reset_parameters(self):
        if self.in1_features <= 0:
            raise ValueError(
                f"in1_features: a number above 0 was expected, got {self.in1_features}"
            )
        bound = 1 / math.sqrt(self.in1_features)
        init.uniform_(self.weight, -bound, bound)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input1, input2):
        self._require_inputs(input1, input2)
        leading, O = input1.shape[:-1], self.out_features  # noqa: E741
        N, I, J = math.prod(leading), self.in1_features, self.in2_features  # noqa: E741
        A, B = input1.reshape(N, I), input2.reshape(N, J)
        W = self.weight.data.transpose(1, 0, 2).reshape(I, O * J)
        P = (A @ W).reshape(N, O, J)
        Y = (P @ B[:, :, None]).reshape(N, O)
        if self.bias is not None:
            Y += self.bias.data

        def back(dy):
            dY = dy.reshape(N, O)
            G = (dY[:, :, None] * B[:, None, :]).reshape(N, O * J)
            dW = product_over_rows(A, G).reshape(I, O, J)
            self.weight.accumulate(dW.transpose(1, 0, 2))
            if self.bias is not None:
                self.bias.accumulate(sum_rows(dY))
            dA, dB = G @ W.T, dY[:, None, :] @ P
            return dA.reshape(input1.shape), dB.reshape(input2.shape)

        return Y.reshape(*leading, O), back

    def _require_inputs(self, input1, input2):
        sizes = self.in1_features, self.in2_features
        inputs = ("input1", input1), ("input2", input2)
        for (name, x), size in zip(inputs, sizes, strict=True):
            require_float_array(name, x)
            require_same_dtype(name, x, "weight", self.weight)
            if x.ndim == 0 or x.shape[-1] != size:
                raise RuntimeError(
                    f"{name}: shape {x.shape} does not end in "
                    f"{name.replace('put', '')}_features = {size}"
                )
        if input1.shape[:-1] != input2.shape[:-1]:
            raise RuntimeError(
                f"input2: shape {input2.shape} does not go with input1 of "
                f"{input1.shape}"
            )

    def extra_repr(self):
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
            f"out_features={self.out_features}, bias={self.bias is not None}"
        )
