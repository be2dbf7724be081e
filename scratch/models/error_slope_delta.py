"""Backpropagation in the textbook's words: error, slope, delta."""

from itertools import pairwise

import numpy as np

from .. import nn
from .._arrays import sum_rows

__all__ = ["ErrorSlopeDelta"]


class ErrorSlopeDelta(nn.Module):
    """A network of sigmoid units, s after every layer, and its
    backpropagation in three words. For a layer of outputs a = s(z):

    error = dL/da: at the output from the loss (with the half squared
    error prediction minus target), in a hidden layer what the layer
    above hands down, error = delta_above W_above;
    slope = s'(z) = a (1 - a);
    delta = error * slope = dL/dz.

    Then dW = delta'a_below and db = sum of delta over the samples.

    Shape: input (N, sizes[0]), output (N, sizes[-1]).
    """

    def __init__(self, sizes):
        # 1. Layers
        self.layers = nn.Sequential(
            *(nn.Linear(n_in, n_out) for n_in, n_out in pairwise(sizes))
        )

    def forward(self, x):
        # 2. Forward pass
        outputs = [x]
        for layer in self.layers:
            z = outputs[-1] @ layer.weight.data.T + layer.bias.data
            outputs.append(sigmoid(z))

        # 3. Backward pass
        def back(error):
            for i in reversed(range(len(self.layers))):
                layer = self.layers[i]
                below, a = outputs[i], outputs[i + 1]
                slope = a * (1 - a)
                delta = error * slope
                layer.weight.accumulate(delta.T @ below)
                layer.bias.accumulate(sum_rows(delta))
                error = delta @ layer.weight.data
            return error

        return outputs[-1], back


def sigmoid(z):
    with np.errstate(over="ignore"):  # e^-z is infinite: s is 0
        return 1 / (1 + np.exp(-z))
