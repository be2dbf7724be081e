"""A line between yes and no, and how sure it is."""

from .. import nn
from .._arrays import sum_rows

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
        # 1. Weights and bias
        self.log_odds = nn.Linear(in_features, 1)

    def forward(self, x):
        W, b = self.log_odds.weight.data, self.log_odds.bias.data

        # 2. Forward pass
        z = x @ W.T + b

        # 3. Backward pass
        def back(dz):
            self.log_odds.weight.accumulate(dz.T @ x)
            self.log_odds.bias.accumulate(sum_rows(dz))
            return dz @ W

        return z, back

    def probability(self, x):
        # 4. Probability
        z, _ = self(x)
        p, _ = nn.Sigmoid()(z)
        return p
