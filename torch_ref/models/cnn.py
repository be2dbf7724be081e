"""The convolutional network: looks at small pieces everywhere."""

from itertools import pairwise

from .. import nn
from .mlp import MLP

__all__ = ["CNN"]


class CNN(nn.Module):
    r"""Two convolutions, each bent by ReLU and halved by pooling, and a
    perceptron with one hidden layer that reads what they found.

    A convolution uses the same few weights at every place, so what it
    learns of a stroke in one corner it knows in all; pooling keeps the
    strongest answer of four and forgets where exactly it was. The
    convolutions have no bias, so that empty paper stays empty; with
    `norm` they are normalised over the batch.

    Shape: input (N, 1, size, size), output (N, classes).
    Source: LeCun, Bottou, Bengio and Haffner 1998; Ioffe and Szegedy
    2015 for the normalisation.
    """

    def __init__(
        self,
        size,
        channels=(6, 16),
        kernel_size=5,
        hidden=84,
        classes=10,
        norm=False,
    ):
        super().__init__()
        # 1. Layers
        layers = []
        for c_in, c_out in pairwise((1, *channels)):
            layers += [
                nn.Conv2d(
                    c_in,
                    c_out,
                    kernel_size,
                    padding=kernel_size // 2,
                    bias=False,
                )
            ]
            layers += [nn.BatchNorm2d(c_out)] if norm else []
            layers += [nn.ReLU(), nn.MaxPool2d(2)]
        self.features = nn.Sequential(*layers, nn.Flatten())
        found = channels[-1] * (size // 2 ** len(channels)) ** 2
        self.reader = MLP((found, hidden, classes))

    def forward(self, x):
        # 2. Forward pass
        features = self.features(x)
        logits = self.reader(features)

        # 3. Backward pass
        # autograd has recorded it
        return logits
