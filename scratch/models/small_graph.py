"""A graph small enough to follow every derivative through it."""

import numpy as np

from .. import nn

__all__ = ["SmallGraph"]


class SmallGraph(nn.Module):
    """Two weights in a row, a sigmoid s after each, and an error:

    z1 = W1 x, a1 = s(z1), z2 = w2 a1, y = s(z2), L = (y - t)^2 / 2.

    Shape: x (), t (), L (): numbers.
    """

    def __init__(self, W1=3.0, w2=1.0):
        # 1. Weights
        self.W1 = nn.Parameter(np.array(W1, np.float32))
        self.w2 = nn.Parameter(np.array(w2, np.float32))

    def derivatives(self, x, target):
        """Of every node, by name: its value and dL/dnode."""
        W1, w2, t = self.W1.data, self.w2.data, target

        # 2. Forward pass
        z1 = W1 * x
        a1 = 1 / (1 + np.exp(-z1))
        z2 = w2 * a1
        y = 1 / (1 + np.exp(-z2))
        L = (y - t) ** 2 / 2

        # 3. Backward pass: each derivative from the one before it
        dL = np.ones_like(L)
        dy = dL * (y - t)
        dt = -dy
        dz2 = dy * y * (1 - y)
        dw2 = dz2 * a1
        da1 = dz2 * w2
        dz1 = da1 * a1 * (1 - a1)
        dW1 = dz1 * x
        dx = dz1 * W1
        return {
            "x": (x, dx),
            "W1": (W1, dW1),
            "z1": (z1, dz1),
            "a1": (a1, da1),
            "w2": (w2, dw2),
            "z2": (z2, dz2),
            "y": (y, dy),
            "t": (t, dt),
            "L": (L, dL),
        }

    def forward(self, x, target):
        found = self.derivatives(x, target)
        loss, _ = found["L"]

        def back(dL):
            for name, p in self.named_parameters():
                p.accumulate(dL * found[name][1])
            return dL * found["x"][1], dL * found["t"][1]

        return loss, back
