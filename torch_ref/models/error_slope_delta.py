"""Backpropagation in the textbook's words: error, slope, delta."""

from itertools import pairwise

import torch

from .. import nn

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
        super().__init__()
        # 1. Layers
        self.layers = nn.Sequential(
            *(nn.Linear(n_in, n_out) for n_in, n_out in pairwise(sizes))
        )

    def forward(self, x):
        # 2. Forward pass
        for layer in self.layers:
            z = x @ layer.weight.T + layer.bias
            x = torch.sigmoid(z)

        # 3. Backward pass
        # autograd has recorded it
        return x
