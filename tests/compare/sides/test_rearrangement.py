"""Parameters under other names and in other layouts."""

import numpy as np
import pytest
import torch

import twofold

X = np.random.default_rng(0).standard_normal((4, 3))


class Kernel:
    """A linear layer with its weight transposed, as Keras has it."""

    def __init__(self):
        self.kernel, self.b = np.zeros((3, 2)), np.zeros(2)

    def forward(self, x):
        self.x = x
        return x @ self.kernel + self.b

    def backward(self, dy):
        self.dkernel, self.db = self.x.T @ dy, dy.sum(axis=0)
        return dy @ self.kernel.T


class WrongKernel(Kernel):
    def backward(self, dy):
        dx = super().backward(dy)
        self.dkernel = 2 * self.dkernel
        return dx


MAP = {"kernel": ("weight", lambda w: w.T), "b": "bias"}


def test_a_transposed_weight_matches_and_its_gradient_is_sent_back():
    """Else: a port with weights of another layout cannot be proved."""
    assert twofold.check(Kernel(), torch.nn.Linear(3, 2), X, parameters=MAP).ok
    report = twofold.check(WrongKernel(), torch.nn.Linear(3, 2), X, parameters=MAP)
    assert (report.first, report.cause) == ("grad of weight", "mine: backward")


class Joined:
    """Weight and bias in one matrix."""

    def __init__(self):
        self.M = np.zeros((2, 4))

    def forward(self, x):
        self.x = np.concatenate([x, np.ones((len(x), 1), x.dtype)], axis=1)
        return self.x @ self.M.T

    def backward(self, dy):
        self.dM = dy.T @ self.x
        return (dy @ self.M)[:, :-1]


class Cut(torch.nn.Module):
    """The two outputs' weights apart."""

    def __init__(self):
        super().__init__()
        self.first = torch.nn.Parameter(torch.zeros(1, 3))
        self.second = torch.nn.Parameter(torch.zeros(1, 3))
        self.bias = torch.nn.Parameter(torch.zeros(2))

    def forward(self, x):
        return torch.nn.functional.linear(
            x, torch.cat([self.first, self.second]), self.bias
        )


def test_several_into_one_and_one_into_several():
    """Else: fused projections cannot be compared with separate ones."""
    join = {"M": (("weight", "bias"), lambda w, b: np.c_[w, b])}
    assert twofold.check(Joined(), torch.nn.Linear(3, 2), X, parameters=join).ok
    cut = {"first": ("weight", lambda w: w[:1]), "second": ("weight", lambda w: w[1:])}
    report = twofold.check(Cut(), torch.nn.Linear(3, 2), X, parameters=cut)
    assert report.ok and "grad of weight" in [row.name for row in report.rows]


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"b": (("bias", "more"), lambda a, b: a + b)}, "no 'more'"),
        (
            {"b": (("bias", "bias"), lambda a, b: a + b)},
            "rearrangement of bias, bias",
        ),
        ({"b": ("bias", lambda b: 2 * b)}, "moves numbers and changes none"),
        ({"b": ("bias", lambda b: b.nothing)}, "the rearrangement raised Attribute"),
        ({"nothing": "bias"}, "mine has no 'nothing', but kernel, b"),
    ],
)
def test_a_mapping_that_is_none_is_refused_with_the_reason(parameters, says):
    """Else: a sum of two biases is compared with one of them."""
    options = {"parameters": {"kernel": ("weight", lambda w: w.T)} | parameters}
    with pytest.raises(ValueError, match=says.replace("(", r"\(")):
        twofold.check(Kernel(), torch.nn.Linear(3, 2), X, **options)


def test_parameters_mapped_where_there_are_none_are_refused():
    """Else: a mapping is ignored, and what it was for is not compared."""
    with pytest.raises(ValueError, match="the reference has no parameters"):
        twofold.check(Kernel(), torch.nn.SiLU(), X, parameters={"b": "bias"})
    mine = lambda x: (x, lambda dy: dy)  # noqa: E731
    with pytest.raises(ValueError, match="mine is a function and has no parameters"):
        twofold.check(mine, torch.nn.Linear(3, 2), X, parameters={"b": "bias"})


class Norm:
    """Batch normalisation that trains, with its running mean or without."""

    def __init__(self, mean=None):
        self.weight, self.bias = np.ones(3), np.zeros(3)
        if mean is not None:
            self.mean = np.zeros(3)
            self.momentum = mean

    def forward(self, x):
        m, v = x.mean(axis=0), x.var(axis=0)
        self.r = 1 / np.sqrt(v + x.dtype.type(1e-5))
        self.z = (x - m) * self.r
        if hasattr(self, "mean"):
            self.mean = ((1 - self.momentum) * self.mean + self.momentum * m).astype(
                x.dtype
            )
        return self.z * self.weight + self.bias

    def backward(self, dy):
        self.dweight, self.dbias = (dy * self.z).sum(axis=0), dy.sum(axis=0)
        g = dy * self.weight
        along = (g * self.z).mean(axis=0)
        return self.r * (g - g.mean(axis=0) - self.z * along)


def test_buffers_are_compared_where_mine_has_them():
    """Else: correct batch norm is wrong for what it does not keep, or a wrong running
    mean passes."""
    norm = torch.nn.BatchNorm1d(3)
    report = twofold.check(Norm(), norm, X, training=True)
    assert report.ok and "running_mean" in report.notes[0]
    names = {"mean": "running_mean"}
    report = twofold.check(Norm(0.1), norm, X, training=True, parameters=names)
    assert report.ok and "buffer running_mean" in [row.name for row in report.rows]
    report = twofold.check(Norm(0.2), norm, X, training=True, parameters=names)
    assert report.first == "buffer running_mean"
