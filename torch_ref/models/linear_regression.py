"""The regression line: by gradient descent, and in closed form."""

import torch

from .. import nn

__all__ = ["LeastSquares", "LinearRegression"]


class LinearRegression(nn.Module):
    """y = w x + b: a line, or with several features a plane.

    With dy the gradient of the loss, dw = sum_n dy_n x_n, db = sum_n
    dy_n, dx_n = dy_n w.

    Shape: x (N, D), y (N, 1).
    """

    def __init__(self, in_features):
        super().__init__()
        # 1. Slope and intercept
        self.line = nn.Linear(in_features, 1)

    def forward(self, x):
        W, b = self.line.weight, self.line.bias

        # 2. Forward pass
        # (not x @ W.T, whose way back adds the samples of one feature
        # one after the other, with all the rounding that brings)
        y = (x * W).sum(dim=1, keepdim=True) + b

        # 3. Backward pass
        # autograd has recorded it
        return y


class LeastSquares(nn.Module):
    """The line that no other has a smaller squared error than, without
    any descent: sum_n (w x_n + b - y_n)^2 is smallest where its slope
    is 0, X'X v = X'y, with the features and a column of ones in X and
    w and b in v.

    X = QR with Q'Q = 1 and R triangular turns this into R v = Q'y,
    without the rounding that squaring X would bring. Backward: moving X
    and y moves v by X'X dv = dX'(y - Xv) - X'dX v + X'dy; with the k
    that solves X'X k = (gradient of v) therefore

    gradient of y: X k;  of X: (y - Xv) k' - X k v'.

    Shape: x (N, D), y (N, 1), N > D; weight (1, D), bias (1). The
    features are independent.
    """

    def forward(self, x, y):
        # 1. Forward pass
        X = torch.column_stack([x, torch.ones_like(x[:, :1])])
        v = torch.linalg.lstsq(X, y).solution

        # 2. Backward pass
        # autograd has recorded it
        return v[:-1].T, v[-1]
