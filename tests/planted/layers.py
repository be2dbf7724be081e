"""Mistakes in layers: their backward passes, their conventions, their state."""

import numpy as np

from twofold import scratch
from twofold.compare.concepts.selftest import Plant, patch
from twofold.scratch import nn
from twofold.scratch.optim import Optimizer

MINE = "mine: backward"


def with_back(cls, wrong):
    """`cls` with another way back: `wrong(self, x, y, back)` returns it."""
    right = cls.forward

    def forward(self, x):
        y, back = right(self, x)
        return y, wrong(self, x, y, back)

    return patch(cls, "forward", forward)


def with_output(cls, wrong):
    right = cls.forward

    def forward(self, x):
        y, back = right(self, x)
        return wrong(self, x, y), back

    return patch(cls, "forward", forward)


def _kink(self, x, y, back):
    return lambda dy: dy * (x >= 0)


def _dropout_in_eval():
    right = nn.Dropout.forward

    def forward(self, x):
        training, self.training = self.training, True
        found = right(self, x)
        self.training = training
        return found

    return patch(nn.Dropout, "forward", forward)


def _not_inverted():
    right = nn.Dropout.forward

    def forward(self, x):
        y, back = right(self, x)
        keep = 1 - self.p if self.training else 1
        return y * keep, lambda dy: back(dy) * keep

    return patch(nn.Dropout, "forward", forward)


def _aliased_mask():
    """One row of memory, expanded over the samples: each writes over the one before."""

    def forward(self, x):
        if not self.training or self.p in (0, 1) or x.ndim == 0:
            return right(self, x)
        row = np.empty(x.shape[1:], x.dtype)
        mask = np.lib.stride_tricks.as_strided(row, x.shape, (0, *row.strides))
        drawn = scratch.random.default_generator.bernoulli(1 - self.p, x.size, x.dtype)
        mask[...] = drawn.reshape(x.shape) / x.dtype.type(1 - self.p)
        return x * mask, lambda dy: dy * mask

    right = nn.Dropout.forward
    return patch(nn.Dropout, "forward", forward)


def _in_place():
    def forward(self, x):
        np.maximum(x, 0, out=x)
        return x, lambda dy: dy * (x > 0)

    return patch(nn.ReLU, "forward", forward)


def _silent_float64():
    def forward(self, x):
        y = np.tanh(x.astype(np.float64))
        return y, lambda dy: dy * (1 - y * y)

    return patch(nn.Tanh, "forward", forward)


def _overwritten():
    def accumulate(self, gradient):
        self.grad = gradient.astype(self.data.dtype)

    return patch(nn.Parameter, "accumulate", accumulate)


def _not_cleared():
    return patch(Optimizer, "zero_grad", lambda self, set_to_none=True: None)


def _untransposed(self, x, y, back):
    def wrong(dy):
        dx = back(dy)
        W = self.weight.data
        return dy @ W.T if W.shape[0] == W.shape[1] else dx

    return wrong


def _drawn_for_relu():
    """Weights by He's bound for ReLU: a = sqrt(5) is PyTorch's, and historic."""

    def reset_parameters(self):
        nn.init.kaiming_uniform_(self.weight)
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    return patch(nn.Linear, "reset_parameters", reset_parameters)


def _drawn_in_another_order():
    right = nn.LSTM.reset_parameters

    def reset_parameters(self):
        right(self)
        for p in reversed(list(self.parameters())):
            nn.init.uniform_(p, -(self.hidden_size**-0.5), self.hidden_size**-0.5)

    return patch(nn.LSTM, "reset_parameters", reset_parameters)


PLANTS = [
    Plant(
        "weights drawn by He's bound, and no bias",
        "what papers say of ReLU networks",
        ("nn.Linear",),
        _drawn_for_relu,
        "initial weight",
        "different functions",
    ),
    Plant(
        "weights drawn in another order",
        "equal seeds, unequal networks",
        ("nn.LSTM",),
        _drawn_in_another_order,
        "initial weight_ih_l0",
        "different functions",
    ),
    Plant(
        "softmax's backward as p (1 - p)",
        "ML-From-Scratch#71",
        ("nn.Softmax",),
        lambda: with_back(nn.Softmax, lambda s, x, y, b: lambda dy: dy * y * (1 - y)),
        "grad of input",
        MINE,
    ),
    Plant(
        "a gradient of zero behind a normalisation",
        "tests with an upstream gradient of ones",
        ("nn.LogSoftmax",),
        lambda: with_back(nn.LogSoftmax, lambda s, x, y, b: lambda dy: dy * 0),
        "grad of input",
        MINE,
    ),
    Plant(
        "the mean term dropped from softmax's backward",
        "as in norms' backward passes",
        ("nn.Softmax",),
        lambda: with_back(nn.Softmax, lambda s, x, y, b: lambda dy: dy * y),
        "grad of input",
        MINE,
    ),
    Plant(
        "ReLU'(0) = 1",
        "a convention",
        ("nn.ReLU",),
        lambda: with_back(nn.ReLU, _kink),
        "grad of input",
    ),
    Plant(
        "sigmoid's slope taken of the input",
        "a formula as introductory articles print it",
        ("nn.Sigmoid",),
        lambda: with_back(nn.Sigmoid, lambda s, x, y, b: lambda dy: dy * x * (1 - x)),
        "grad of input",
        MINE,
    ),
    Plant(
        "tanh as 2 / (1 + e^-x) - 1",
        "a formula as introductory articles print it",
        ("nn.Tanh",),
        lambda: with_output(nn.Tanh, lambda s, x, y: 2 / (1 + np.exp(-x)) - 1),
        "output",
        "different functions",
    ),
    Plant(
        "dropout active when evaluating",
        "pytorch#124464",
        ("nn.Dropout",),
        _dropout_in_eval,
        "output",
        "different functions",
    ),
    Plant(
        "dropout not inverted",
        "a convention of older papers",
        ("nn.Dropout",),
        _not_inverted,
        "output",
        "different functions",
    ),
    Plant(
        "a write into an expanded array, whose rows are one",
        "allennlp PR#605",
        ("nn.Dropout",),
        _aliased_mask,
        "output",
        "different functions",
    ),
    Plant(
        "a write into the input",
        "pytorch#118115",
        ("nn.ReLU",),
        _in_place,
        "write to input",
    ),
    Plant(
        "silent float64",
        "a stray NumPy scalar",
        ("nn.Tanh",),
        _silent_float64,
        "output",
    ),
    Plant(
        "gradients overwritten instead of added",
        "a layer that is used twice",
        ("nn.Sequential",),
        _overwritten,
        "grad of",
        MINE,
    ),
    Plant(
        "gradients not cleared",
        "a training loop without zero_grad",
        ("training.full_batch",),
        _not_cleared,
        "step 2: ",
    ),
    Plant(
        "the transpose forgotten in Linear's input gradient",
        "square weights hide it",
        ("nn.Linear",),
        lambda: with_back(nn.Linear, _untransposed),
        "grad of input",
        MINE,
    ),
]
