"""The regression line: by gradient descent, and in closed form."""

import numpy as np

from .. import nn
from .._arrays import sum_rows

__all__ = ["LeastSquares", "LinearRegression"]


class LinearRegression(nn.Module):
    """y = w x + b: a line, or with several features a plane.

    With dy the gradient of the loss, dw = sum_n dy_n x_n, db = sum_n
    dy_n, dx_n = dy_n w.

    Shape: x (N, D), y (N, 1).
    """

    def __init__(self, in_features):
        # 1. Slope and intercept
        self.line = nn.Linear(in_features, 1)

    def forward(self, x):
        W, b = self.line.weight.data, self.line.bias.data

        # 2. Forward pass
        y = x @ W.T + b

        # 3. Backward pass
        def back(dy):
            self.line.weight.accumulate(dy.T @ x)
            self.line.bias.accumulate(sum_rows(dy))
            return dy @ W

        return y, back


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
        X = np.column_stack([x, np.ones_like(x[:, :1])])
        Q, R = np.linalg.qr(X)
        v = np.linalg.solve(R, Q.T @ y)

        # 2. Backward pass
        def back(dweight, dbias):
            dv = np.vstack([dweight.T, dbias[None]])
            k = np.linalg.solve(R, np.linalg.solve(R.T, dv))
            Xk = X @ k
            dX = (y - X @ v) @ k.T - Xk @ v.T
            return dX[:, :-1], Xk

        return (v[:-1].T, v[-1]), back
