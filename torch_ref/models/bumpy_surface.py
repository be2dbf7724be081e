"""A landscape with many hollows, to walk on."""

import torch
from torch import nn

__all__ = ["BumpySurface"]


class BumpySurface(nn.Module):
    """A bowl with bumps, whose deepest point is at the origin."""

    def __init__(self, start=(2.0, 1.5), height=0.4, frequency=4.0):
        super().__init__()
        # 1. Where one stands
        self.point = nn.Parameter(torch.tensor(start))
        self.height = height
        self.frequency = frequency

    def forward(self, x):
        # 2. Forward pass
        a, w = self.height, self.frequency
        q = self.point + x
        bumps = a * (1 - torch.cos(w * q))
        heights = (q * q / 2 + bumps).sum(dim=1)

        # 3. Backward pass
        # autograd has recorded it
        return heights
