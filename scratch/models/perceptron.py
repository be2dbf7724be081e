"""The perceptron and its rule, written as a loss."""

import numpy as np

from .. import nn
from .._arrays import sum_rows

__all__ = ["Perceptron", "PerceptronLoss"]


class Perceptron(nn.Module):
    """A threshold unit: class +1 where z = w x + b > 0, -1 elsewhere.

    `forward` returns z, from which `PerceptronLoss` learns; `classes`
    what the unit says. Source: Rosenblatt, The perceptron, 1958.

    Shape: x (N, D), z (N, 1).
    """

    def __init__(self, in_features):
        # 1. Weights and bias
        self.sum = nn.Linear(in_features, 1)

    def forward(self, x):
        W, b = self.sum.weight.data, self.sum.bias.data

        # 2. Forward pass
        z = x @ W.T + b

        # 3. Backward pass
        def back(dz):
            self.sum.weight.accumulate(dz.T @ x)
            self.sum.bias.accumulate(sum_rows(dz))
            return dz @ W

        return z, back

    def classes(self, x):
        # 4. Threshold
        z, _ = self(x)
        return np.where(z > 0, 1, -1)


class PerceptronLoss(nn.Module):
    """L = 1/N sum_n max(0, -t_n z_n) for targets t of +1 and -1: how
    far the samples on the wrong side are from the right one.

    dz_n = -t_n / N on the wrong side (and at z = 0), else 0. With one
    sample at a time and rate 1, gradient descent is therefore
    Rosenblatt's rule: after a mistake, w += t x and b += t.

    Shape: z and t alike.
    """

    def forward(self, input, target):
        z, t = input, target

        # 1. Forward pass
        wrong = t * z <= 0
        loss = np.where(wrong, -t * z, 0).mean(dtype=z.dtype)

        # 2. Backward pass
        def back(dL):
            return np.where(wrong, -t, 0) * (dL / z.dtype.type(z.size))

        return loss, back
