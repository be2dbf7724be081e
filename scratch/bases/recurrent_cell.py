"""What the recurrent cells share: parameters, arguments, the step."""

import math

import numpy as np

from .._arrays import require_float_array, require_same_dtype, require_sizes
from ..kernels.recurrence import GATES, scan
from ..module import Module, Parameter
from ..nn import init


class RecurrentCell(Module):
    """The base of `RNNCell`, `GRUCell` and `LSTMCell`: one step.

    Raises:
        TypeError: a size is not an int; `input` is not an array.
        ValueError: `input` or a state has neither 1 nor 2 dimensions.
        RuntimeError: a size is negative; a shape or dtype is not the one expected.
    """

    def __init__(self, kind, input_size, hidden_size, bias, dtype):
        require_sizes(input_size=input_size, hidden_size=hidden_size)
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        gates, dtype = GATES[kind] * hidden_size, dtype or np.float32
        self.weight_ih = Parameter(np.empty((gates, input_size), dtype))
        self.weight_hh = Parameter(np.empty((gates, hidden_size), dtype))
        self.bias_ih = Parameter(np.empty(gates, dtype)) if bias else None
        self.bias_hh = Parameter(np.empty(gates, dtype)) if bias else None
        self.reset_parameters()

    def reset_parameters(self):
        bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size else 0
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def step(self, kind, input, states):
        """`scan` of one step; `states` is a tuple, or None for zeros."""
        require_float_array("input", input)
        if input.ndim not in (1, 2):
            raise ValueError(
                f"input: 1 or 2 dimensions were expected, got shape {input.shape}"
            )
        for state in states or ():
            if state.ndim not in (1, 2):
                raise ValueError(
                    f"hx: 1 or 2 dimensions were expected, got shape {state.shape}"
                )
        require_same_dtype("input", input, "weight_ih", self.weight_ih)
        if input.shape[-1] != self.input_size:
            raise RuntimeError(
                f"input: shape {input.shape} does not end in "
                f"input_size = {self.input_size}"
            )
        shape = (*input.shape[:-1], self.hidden_size)
        for state in states or ():
            if state.shape != shape:
                raise RuntimeError(
                    f"hx: a state of shape {shape} was expected, got {state.shape}"
                )
            require_same_dtype("hx", state, "input", input)
        zeros = np.zeros(shape, input.dtype)
        states = states or (zeros, zeros)[: 2 if kind == "LSTM" else 1]
        weights = self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh, None
        rows = math.prod(input.shape[:-1]), self.hidden_size
        X = input.reshape(1, rows[0], self.input_size)
        _, ends, back = scan(kind, X, [s.reshape(rows) for s in states], weights)

        def step_back(*dends):
            dends = [
                np.zeros(rows, X.dtype) if d is None else d.reshape(rows) for d in dends
            ]
            dX, dstates = back(np.zeros((1, *rows), X.dtype), dends)
            return dX.reshape(input.shape), tuple(d.reshape(shape) for d in dstates)

        return tuple(end.reshape(shape) for end in ends), step_back

    def extra_repr(self):
        words = [f"{self.input_size}, {self.hidden_size}"]
        if self.bias is not True:
            words.append(f"bias={self.bias}")
        if getattr(self, "nonlinearity", "tanh") != "tanh":
            words.append(f"nonlinearity={self.nonlinearity}")
        return ", ".join(words)
