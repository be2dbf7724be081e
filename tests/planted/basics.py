"""Mistakes in the first networks, as introductory articles print them."""

import numpy as np

from twofold.compare.concepts.selftest import Plant, patch
from twofold.scratch.models import ErrorSlopeDelta, Neuron, PerceptronLoss
from twofold.scratch.models import error_slope_delta as network


def _slope_of_the_sum():
    """a(1 - a) taken of a sigmoid's input instead of its output."""
    right = ErrorSlopeDelta.forward

    def forward(self, x):
        sums = []
        sigmoid = network.sigmoid

        def listening(z):
            sums.append(z)
            return sigmoid(z)

        with patch(network, "sigmoid", listening):
            y, _ = right(self, x)

        def back(error):
            outputs = [x, *map(sigmoid, sums)]
            for i in reversed(range(len(self.layers))):
                layer, z = self.layers[i], sums[i]
                delta = error * z * (1 - z)
                layer.weight.accumulate(delta.T @ outputs[i])
                layer.bias.accumulate(delta.sum(axis=0))
                error = delta @ layer.weight.data
            return error

        return y, back

    return patch(ErrorSlopeDelta, "forward", forward)


def _no_inputs():
    """The weights added up without the inputs that they weigh."""
    right = Neuron.forward

    def forward(self, x):
        return right(self, np.ones_like(x))

    return patch(Neuron, "forward", forward)


def _nothing_on_the_line():
    """A sample on the line taken for right: from zeros nothing is ever learned."""

    def forward(self, input, target):
        z, t = input, target
        wrong = t * z < 0

        def back(dL):
            return np.where(wrong, -t, 0) * (dL / z.dtype.type(z.size))

        return np.where(wrong, -t * z, 0).mean(dtype=z.dtype), back

    return patch(PerceptronLoss, "forward", forward)


PLANTS = [
    Plant(
        "slope z(1 - z) of the sum, not of the output",
        "a formula as introductory articles print it",
        ("models.ErrorSlopeDelta",),
        _slope_of_the_sum,
        "grad of",
        "mine: backward",
    ),
    Plant(
        "a neuron's sum without its inputs",
        "a formula as introductory articles print it",
        ("models.Neuron",),
        _no_inputs,
        "output",
        "different functions",
    ),
    Plant(
        "a sample on the line taken for right",
        "a perceptron that starts from zeros",
        ("models.PerceptronLoss",),
        _nothing_on_the_line,
        "grad of",
    ),
]
