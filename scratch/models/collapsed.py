"""A deep network of linear layers alone is one linear layer."""

from .. import nn

__all__ = ["Collapsed"]


class Collapsed(nn.Module):
    """The one linear layer that linear layers in a row amount to:

    W2 (W1 x + b1) + b2 = (W2 W1) x + (W2 b1 + b2): the product of the
    weights, and the biases carried through it. What stands between the
    layers of `model` is left out.

    Shape: as the model's.
    """

    def __init__(self, model):
        # 1. Product of the weights
        linear = [
            m for m in model.modules() if isinstance(m, nn.Linear)
        ]
        W, b = linear[0].weight.data, linear[0].bias.data
        for layer in linear[1:]:
            W = layer.weight.data @ W
            b = layer.weight.data @ b + layer.bias.data
        self.register_buffer("weight", W.copy())
        self.register_buffer("bias", b.copy())

    def forward(self, x):
        # 2. Forward pass
        y = x @ self.weight.T + self.bias

        # 3. Backward pass
        def back(dy):
            return dy @ self.weight

        return y, back
