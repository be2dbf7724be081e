"""A line between yes and no, and how sure it is."""

import torch

from .. import nn

__all__ = ["LogisticRegression"]


class LogisticRegression(nn.Module):
    """The log-odds z = w x + b of yes against no; the probability of
    yes is p = s(z) with the sigmoid s(z) = 1 / (1 + e^-z).

    `forward` returns z, for `nn.BCEWithLogitsLoss` takes sigmoid and
    cross-entropy in one; there dz = (p - t) / N: prediction minus
    target. Then dw = sum_n dz_n x_n, db = sum_n dz_n.

    Shape: x (N, D), z (N, 1), p (N, 1).
    """

    def __init__(self, in_features):
        super().__init__()
        # 1. Weights and bias
        self.log_odds = nn.Linear(in_features, 1)

    def forward(self, x):
        W, b = self.log_odds.weight, self.log_odds.bias

        # 2. Forward pass
        # (not x @ W.T, whose way back adds the samples of one feature
        # one after the other, with all the rounding that brings)
        z = (x * W).sum(dim=1, keepdim=True) + b

        # 3. Backward pass
        # autograd has recorded it
        return z

    def probability(self, x):
        # 4. Probability
        return torch.sigmoid(self(x))
