"""Logistic regression for several classes."""

from .. import nn
from .._arrays import sum_rows

__all__ = ["SoftmaxRegression"]


class SoftmaxRegression(nn.Module):
    """One weighted sum for each of C classes, z = W x + b; the
    probabilities are p_c = e^z_c / sum_k e^z_k.

    `forward` returns z, for `nn.CrossEntropyLoss` takes softmax and
    cross-entropy in one; there dz = (p - one_hot(t)) / N: prediction
    minus target. Then dW = dz'x, db = sum_n dz_n.

    Shape: x (N, D), z (N, C), p (N, C).
    """

    def __init__(self, in_features, classes):
        # 1. Weights and bias
        self.scores = nn.Linear(in_features, classes)

    def forward(self, x):
        W, b = self.scores.weight.data, self.scores.bias.data

        # 2. Forward pass
        z = x @ W.T + b

        # 3. Backward pass
        def back(dz):
            self.scores.weight.accumulate(dz.T @ x)
            self.scores.bias.accumulate(sum_rows(dz))
            return dz @ W

        return z, back

    def probability(self, x):
        # 4. Probability
        z, _ = self(x)
        p, _ = nn.Softmax(dim=1)(z)
        return p
