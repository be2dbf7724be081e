"""Correct code in every form that `twofold.check` takes: formulas written three times,
with arrays, tensors and JAX, and a small network written four times."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

import twofold
from twofold import scratch


@dataclass(frozen=True)
class Formula:
    """One function of arrays: `arrays(*xs) -> (y, back)`, `tensors(*xs) -> y` with
    PyTorch's own way back, `jax(np, *xs) -> y` with JAX's, and `inputs(rng)`."""

    arrays: Callable
    tensors: Callable
    jax: Callable
    inputs: Callable


# Forms: of a formula, somebody's code.


class Hand:
    """An object with forward and backward."""

    def __init__(self, formula: Formula):
        self.function = formula.arrays

    def forward(self, *xs):
        y, self.back = self.function(*xs)
        return y

    def backward(self, *dys):
        return self.back(*dys)


class ScratchModule(scratch.nn.Module):
    def __init__(self, formula: Formula):
        super().__init__()
        self.function = formula.arrays

    def forward(self, *xs):
        return self.function(*xs)


class TorchModule(torch.nn.Module):
    def __init__(self, formula: Formula):
        super().__init__()
        self.function = formula.tensors

    def forward(self, *xs):
        return self.function(*xs)


def autograd_function(formula: Formula) -> type[torch.autograd.Function]:
    """As the wrapper of a kernel has it: what is needed is saved, and the way back runs
    the formula again."""

    class Function(torch.autograd.Function):
        @staticmethod
        def forward(ctx, *xs):
            ctx.save_for_backward(*xs)
            return formula.tensors(*xs)

        @staticmethod
        def backward(ctx, *dys):
            xs = [x.detach() for x in ctx.saved_tensors]
            real = [x.requires_grad_() for x in xs if x.is_floating_point()]
            with torch.enable_grad():
                y = formula.tensors(*xs)
            ys = y if isinstance(y, tuple) else (y,)
            found = iter(torch.autograd.grad(ys, real, dys, allow_unused=True))
            return tuple(next(found) if x.is_floating_point() else None for x in xs)

    return Function


def by_jax(formula: Formula):
    import jax.numpy as jnp

    return twofold.jax(lambda *xs: formula.jax(jnp, *xs))


FORMS: dict[str, Callable[[Formula], object]] = {
    "arrays": lambda f: f.arrays,
    "object": Hand,
    "scratch.nn": ScratchModule,
    "nn.Module": TorchModule,
    "autograd.Function": autograd_function,
    "its apply": lambda f: autograd_function(f).apply,
    "tensors": lambda f: f.tensors,
    "jax": by_jax,
}


def compiled(formula: Formula):
    """By torch's compiler without its code generator, which would take seconds."""
    return torch.compile(TorchModule(formula), backend="eager")


# Formulas.


def normal(*shapes):
    return lambda rng: tuple(rng.standard_normal(shape) for shape in shapes)


def small(*shapes):
    """A hundred times as large they do not saturate in float32, and their products are
    numbers of float16."""
    return lambda rng: tuple(rng.standard_normal(shape) / 8 for shape in shapes)


def silu(x):
    s = 1 / (1 + np.exp(-x))
    return x * s, lambda dy: dy * (s * (1 + x * (1 - s)))


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    return p, lambda dy: p * (dy - (p * dy).sum(axis=-1, keepdims=True))


def jax_softmax(np, x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def log_sum_exp(x):
    top = x.max(axis=-1, keepdims=True)
    e = np.exp(x - top)
    total = e.sum(axis=-1, keepdims=True)
    y = (top + np.log(total))[..., 0]
    return y, lambda dy: dy[..., None] * e / total


def jax_log_sum_exp(np, x):
    top = x.max(axis=-1, keepdims=True)
    return (top + np.log(np.exp(x - top).sum(axis=-1, keepdims=True)))[..., 0]


def product(a, b):
    """NumPy gives products of bfloat16 in float32."""
    return (a @ b).astype(a.dtype)


def matmul(a, b):
    def back(dy):
        return product(dy, b.swapaxes(-1, -2)), product(a.swapaxes(-1, -2), dy)

    return product(a, b), back


def linear(x, W, b):
    def back(dy):
        return product(dy, W), product(dy.T, x), dy.sum(axis=0)

    return product(x, W.T) + b, back


EPS = 0.01
"""Its power of -3/2, which a row of zeros makes on the way back, is one of float16."""


def rms_norm(x, g):
    eps = np.asarray(EPS, x.dtype)
    r = 1 / np.sqrt((x * x).mean(axis=-1, keepdims=True) + eps)
    z = x * r

    def back(dy):
        dz = dy * g
        dx = r * (dz - z * (z * dz).mean(axis=-1, keepdims=True))
        return dx, (dy * z).sum(axis=0)

    return z * g, back


def jax_rms_norm(np, x, g):
    return x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + EPS) * g


def huber(p, t):
    """No gradient for t: a target has none."""
    d = p - t
    near = np.abs(d) < 1
    each = np.where(near, d * d / 2, np.abs(d) - np.asarray(0.5, d.dtype))
    slope = np.where(near, d, np.sign(d))
    return each.mean(dtype=d.dtype), lambda dy: dy * slope / d.size


def jax_huber(np, p, t):
    d = p - t
    return np.where(abs(d) < 1, d * d / 2, abs(d) - 0.5).mean()


def embedding(w, i):
    def back(dy):
        dw = np.zeros_like(w)
        np.add.at(dw, i, dy)
        return dw, None

    return w[i], back


def cumulative_sum(x):
    y = x.cumsum(axis=-1)
    return y, lambda dy: dy[..., ::-1].cumsum(axis=-1)[..., ::-1]


def mean_and_variance(x):
    mean = x.mean(axis=-1)
    d = x - mean[..., None]
    n = x.shape[-1]

    def back(dmean, dvariance):
        return dmean[..., None] / n + dvariance[..., None] * 2 * d / n

    return (mean, (d * d).mean(axis=-1)), back


def gated(x):
    a, b = np.split(x, 2, axis=-1)
    s = 1 / (1 + np.exp(-b))

    def back(dy):
        return np.concatenate([dy * s, dy * a * s * (1 - s)], axis=-1)

    return a * s, back


def jax_silu(np, x):
    import jax

    return x * jax.nn.sigmoid(x)


def jax_gated(np, x):
    import jax

    a, b = np.split(x, 2, axis=-1)
    return a * jax.nn.sigmoid(b)


def hard_tanh(x):
    y = np.clip(x, -1, 1).astype(x.dtype)  # NumPy clips bfloat16 into float32
    return y, lambda dy: dy * ((x > -1) & (x < 1))


def jax_hard_tanh(np, x):
    """Where np.clip has a slope at its corners, PyTorch has none."""
    return np.where((x > -1) & (x < 1), x, np.sign(x))


def maximum(a, b):
    """Equal numbers share the gradient, as PyTorch and JAX have it."""
    half = np.asarray(0.5, a.dtype)
    share = np.where(a == b, half, (a > b).astype(a.dtype))
    return np.maximum(a, b), lambda dy: (dy * share, dy * (1 - share))


def conv1d(x, w):
    n = x.shape[-1] - w.shape[-1] + 1
    at = [slice(k, k + n) for k in range(w.shape[-1])]

    def back(dy):
        dx, dw = np.zeros_like(x), np.zeros_like(w)
        for k, here in enumerate(at):
            dx[..., here] += product(w[..., k].T, dy)
            dw[..., k] = product(dy, x[..., here].swapaxes(1, 2)).sum(axis=0)
        return dx, dw

    return sum(product(w[..., k], x[..., here]) for k, here in enumerate(at)), back


def jax_conv1d(np, x, w):
    n = x.shape[-1] - w.shape[-1] + 1
    return sum(w[..., k] @ x[..., k : k + n] for k in range(w.shape[-1]))


FORMULAS = {
    "silu": Formula(silu, F.silu, jax_silu, normal((4, 6))),
    "softmax": Formula(softmax, lambda x: x.softmax(-1), jax_softmax, small((4, 6))),
    "log-sum-exp": Formula(
        log_sum_exp, lambda x: x.logsumexp(-1), jax_log_sum_exp, small((3, 5))
    ),
    "matmul": Formula(
        matmul, torch.matmul, lambda np, a, b: a @ b, small((2, 3, 4), (2, 4, 5))
    ),
    "linear": Formula(
        linear,
        F.linear,
        lambda np, x, W, b: x @ W.T + b,
        small((4, 3), (2, 3), (2,)),
    ),
    "rms norm": Formula(
        rms_norm,
        lambda x, g: F.rms_norm(x, g.shape, g, EPS),
        jax_rms_norm,
        small((4, 6), (6,)),
    ),
    "huber": Formula(
        huber,
        F.huber_loss,
        jax_huber,
        normal((4, 3), (4, 3)),
    ),
    "embedding": Formula(
        embedding,
        lambda w, i: w[i],
        lambda np, w, i: w[i],
        lambda rng: (rng.standard_normal((5, 3)), rng.integers(0, 5, (2, 4))),
    ),
    "cumulative sum": Formula(
        cumulative_sum,
        lambda x: x.cumsum(-1),
        lambda np, x: x.cumsum(axis=-1),
        normal((3, 7)),
    ),
    "mean and variance": Formula(
        mean_and_variance,
        lambda x: (x.mean(-1), x.var(-1, correction=0)),
        lambda np, x: (x.mean(-1), x.var(-1)),
        small((3, 6)),
    ),
    "gated linear unit": Formula(gated, F.glu, jax_gated, normal((3, 4, 6))),
    "hard tanh": Formula(hard_tanh, F.hardtanh, jax_hard_tanh, normal((4, 5))),
    "maximum": Formula(
        maximum,
        torch.maximum,
        lambda np, a, b: np.maximum(a, b),
        normal((4, 5), (4, 5)),
    ),
    "conv1d": Formula(conv1d, F.conv1d, jax_conv1d, small((2, 3, 8), (4, 3, 3))),
}


# A network with parameters, in every form that has them.


class HandNetwork:
    """Two layers with tanh between; weights lie as the formula needs them, x W."""

    def __init__(self):
        self.W1, self.b1 = np.zeros((3, 4)), np.zeros(4)
        self.W2, self.b2 = np.zeros((4, 2)), np.zeros(2)

    def forward(self, x):
        self.x = x
        self.h = np.tanh(product(x, self.W1) + self.b1)
        return product(self.h, self.W2) + self.b2

    def backward(self, dy):
        dh = product(dy, self.W2.T)
        self.dW2, self.db2 = product(self.h.T, dy), dy.sum(axis=0)
        dz = dh * (1 - self.h * self.h)
        self.dW1, self.db1 = product(self.x.T, dz), dz.sum(axis=0)
        return product(dz, self.W1.T)


class ScratchNetwork(scratch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = scratch.nn.Linear(3, 4), scratch.nn.Linear(4, 2)

    def forward(self, x):
        z, first_back = self.first(x)
        h = np.tanh(z)
        y, second_back = self.second(h)
        return y, lambda dy: first_back(second_back(dy) * (1 - h * h))


class TorchNetwork(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = torch.nn.Linear(3, 4), torch.nn.Linear(4, 2)

    def forward(self, x):
        return self.second(torch.tanh(self.first(x)))


class Fused(torch.nn.Module):
    """All parameters of a layer in one matrix, and other names."""

    def __init__(self):
        super().__init__()
        self.M1 = torch.nn.Parameter(torch.zeros(4, 4))
        self.M2 = torch.nn.Parameter(torch.zeros(2, 5))

    def forward(self, x):
        h = torch.tanh(F.linear(x, self.M1[:, :-1], self.M1[:, -1]))
        return F.linear(h, self.M2[:, :-1], self.M2[:, -1])


NAMES = {"W1": "first.weight", "W2": "second.weight"}
BY_HAND = {mine: (theirs, np.transpose) for mine, theirs in NAMES.items()}
BY_HAND |= {"b1": "first.bias", "b2": "second.bias"}
JOINED = {
    "M1": (("first.weight", "first.bias"), lambda w, b: np.c_[w, b]),
    "M2": (("second.weight", "second.bias"), lambda w, b: np.c_[w, b]),
}

NETWORKS: dict[str, tuple[Callable, dict]] = {
    "object": (HandNetwork, BY_HAND),
    "scratch.nn": (ScratchNetwork, {}),
    "nn.Module": (TorchNetwork, {}),
    "fused nn.Module": (Fused, JOINED),
}
"""Each with its mapping to the names of `ScratchNetwork` and `TorchNetwork`, which are
the references."""

REFERENCES = ("scratch.nn", "nn.Module")
