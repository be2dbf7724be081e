"""The deep belief network: Boltzmann machines on top of each other,
then trained as one network.
"""

from itertools import pairwise

from .. import nn

__all__ = ["DeepBelief"]


class DeepBelief(nn.Module):
    r"""Sigmoid layers of the given `sizes` and a linear one on top,
    whose outputs are logits.

    Each sigmoid layer computes what the hidden units of a restricted
    Boltzmann machine do, $\sigma(W v + b)$, and can take over its
    weights: `adopt(layer, weights)`.

    Shape: input (N, sizes[0]), output (N, sizes[-1]).
    Source: Hinton, Osindero and Teh 2006.
    """

    def __init__(self, sizes):
        # 1. Layers
        layers = []
        for n_in, n_out in pairwise(sizes[:-1]):
            layers += [nn.Linear(n_in, n_out), nn.Sigmoid()]
        self.below = nn.Sequential(*layers)
        self.top = nn.Linear(sizes[-2], sizes[-1])

    def adopt(self, layer, weights):
        # 2. Weights of a Boltzmann machine, by name
        linear = self.below[2 * layer]
        linear.weight.data[...] = weights["weight"]
        linear.bias.data[...] = weights["hidden_bias"]

    def forward(self, x):
        # 3. Forward pass
        features, below_back = self.below(x)
        logits, top_back = self.top(features)

        # 4. Backward pass
        def back(dy):
            return below_back(top_back(dy))

        return logits, back
