"""A landscape with many hollows, to walk on."""

import numpy as np

from .. import nn

__all__ = ["BumpySurface"]


class BumpySurface(nn.Module):
    r"""A bowl with bumps, whose deepest point is at the origin. The
    only parameter is the `point` (2,) where one stands:

    $f(q) = \sum_i \tfrac12 q_i^2 + a\,(1 - \cos \omega q_i)$ at
    $q = \mathrm{point} + x$, where the sample x moves the landscape a
    little, as every batch of data does.

    Backward: $\partial f / \partial q_i = q_i + a \omega \sin \omega
    q_i$, and the point gets the sum over all samples.

    Shape: x (N, 2), heights (N,).
    """

    def __init__(self, start=(2.0, 1.5), height=0.4, frequency=4.0):
        # 1. Where one stands
        self.point = nn.Parameter(np.array(start, np.float32))
        self.height = height
        self.frequency = frequency

    def forward(self, x):
        # 2. Forward pass
        a, w = self.height, self.frequency
        q = self.point.data + x
        bumps = a * (1 - np.cos(w * q))
        heights = (q * q / 2 + bumps).sum(axis=1)

        # 3. Backward pass
        def back(dy):
            dq = dy[:, None] * (q + a * w * np.sin(w * q))
            self.point.accumulate(dq.sum(axis=0))
            return dq

        return heights, back
