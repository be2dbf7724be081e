"""One artificial neuron."""

from .. import nn

__all__ = ["Neuron"]


class Neuron(nn.Module):
    """A weighted sum, a bias, and an activation f of `nn`:

    z = w1 x1 + ... + wD xD + b,  y = f(z).

    dz = dy f'(z);  dwi = sum over samples of dz xi;  db = sum of dz;
    dxi = dz wi.

    Shape: x (N, D), y (N).
    """

    def __init__(self, in_features, activation="Sigmoid"):
        # 1. Weights, bias and activation
        self.sum = nn.Linear(in_features, 1)
        self.activation = getattr(nn, activation)()

    def forward(self, x):
        (w,), b = self.sum.weight.data, self.sum.bias.data

        # 2. Forward pass
        z = (w * x).sum(axis=1) + b
        y, activation_back = self.activation(z)

        # 3. Backward pass
        def back(dy):
            dz = activation_back(dy)
            self.sum.weight.accumulate((dz @ x)[None])
            self.sum.bias.accumulate(dz.sum(keepdims=True))
            return dz[:, None] * w

        return y, back
