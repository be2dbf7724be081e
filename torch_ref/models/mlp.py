"""The multi-layer perceptron: affine maps with a bend between them."""

from itertools import pairwise

from .. import nn

__all__ = ["MLP"]


class MLP(nn.Module):
    """Linear layers of the given `sizes`, with an activation of `nn`
    and dropout between them and nothing after the last: its outputs
    are logits, or the predicted numbers.

    Shape: input (*, sizes[0]), output (*, sizes[-1]).
    """

    def __init__(self, sizes, dropout=0.0, activation="ReLU"):
        super().__init__()
        # 1. Layers
        layers = []
        for n_in, n_out in pairwise(sizes[:-1]):
            layers += [nn.Linear(n_in, n_out)]
            layers += [getattr(nn, activation)()]
            layers += [nn.Dropout(dropout)] if dropout else []
        layers += [nn.Linear(sizes[-2], sizes[-1])]
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        # 2. Forward pass
        for layer in self.layers:
            x = layer(x)

        # 3. Backward pass
        # autograd has recorded it
        return x
