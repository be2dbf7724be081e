"""A graph small enough to follow every derivative through it."""

import torch

from .. import nn

__all__ = ["SmallGraph"]


class SmallGraph(nn.Module):
    """Two weights in a row, a sigmoid s after each, and an error:

    z1 = W1 x, a1 = s(z1), z2 = w2 a1, y = s(z2), L = (y - t)^2 / 2.

    Shape: x (), t (), L (): numbers.
    """

    def __init__(self, W1=3.0, w2=1.0):
        super().__init__()
        # 1. Weights
        self.W1 = nn.Parameter(torch.tensor(W1, dtype=torch.float32))
        self.w2 = nn.Parameter(torch.tensor(w2, dtype=torch.float32))

    def derivatives(self, x, target):
        """Of every node, by name: its value and dL/dnode."""
        W1, w2 = self.W1, self.w2
        x = x.detach().requires_grad_()
        t = target.detach().requires_grad_()

        # 2. Forward pass
        z1 = W1 * x
        a1 = torch.sigmoid(z1)
        z2 = w2 * a1
        y = torch.sigmoid(z2)
        L = (y - t) ** 2 / 2

        # 3. Backward pass: each derivative from the one before it
        nodes = {
            "x": x,
            "W1": W1,
            "z1": z1,
            "a1": a1,
            "w2": w2,
            "z2": z2,
            "y": y,
            "t": t,
            "L": L,
        }
        slopes = torch.autograd.grad(L, list(nodes.values()))
        return {
            name: (node.detach(), slope)
            for (name, node), slope in zip(
                nodes.items(), slopes, strict=True
            )
        }

    def forward(self, x, target):
        a1 = torch.sigmoid(self.W1 * x)
        y = torch.sigmoid(self.w2 * a1)
        return (y - target) ** 2 / 2
