"""Operations twice, by different formulas, both correct: by hand, and PyTorch's.

One of them in the place of the other must not be called wrong, whatever the input.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from scipy import special
from torch.nn import functional as F


@dataclass(frozen=True)
class Operation:
    """`mine(*arrays) -> (y, back)` and PyTorch's of the same inputs, which
    `inputs(x, rng)` makes from an awkward array. `finite`: minus infinity is none of
    its numbers."""

    mine: Callable
    reference: Callable
    inputs: Callable
    finite: bool = True


OPERATIONS: dict[str, Operation] = {}
ROWS = 500


def real(x, rng):
    return (x,)


def positive(x, rng):
    return (np.abs(x) + (x == 0),)


def probabilities(x, rng):
    p = special.expit(x)
    return np.clip(p, 1e-6, 1 - 1e-6), (rng.random(x.shape) < 0.5).astype(x.dtype)


def unit(x, rng):
    """Between -1 and 1, both left out."""
    return (0.999 * x / np.maximum(1, np.abs(x)),)


def same_kind(x, rng):
    """The same numbers in another order: some stand beside themselves."""
    return x, rng.permutation(x.reshape(-1)).reshape(x.shape)


def with_normal(x, rng):
    return x, rng.standard_normal(x.shape)


def with_classes(x, rng):
    return x, rng.integers(0, x.shape[1], len(x))


def with_zeros_and_ones(x, rng):
    return x, (rng.random(x.shape) < 0.5).astype(x.dtype)


def with_signs(x, rng):
    return x, rng.choice((-1, 1), x.shape)


def with_weights(x, rng):
    return x, rng.standard_normal((x.shape[1], 3))


def with_gain(x, rng):
    return x, rng.standard_normal(x.shape[1]), rng.standard_normal(x.shape[1])


def query_key_value(x, rng):
    x = x[:ROWS]
    return x, rng.standard_normal(x.shape), rng.standard_normal(x.shape)


def with_few(x, rng):
    """Every row meets every other: not too many of them."""
    return with_normal(x[:ROWS], rng)


def few(x, rng):
    return (x[:ROWS],)


def signals(x, rng):
    """(N, D) as (N, 1, 2 D)."""
    return (np.concatenate([x, x[:, ::-1]], axis=1)[:, None],)


def images(x, rng):
    image = x[:, :, None] * np.where(np.arange(4) % 2, 1, x[:, :1, None])
    return (image[:, None],)


def signals_and_kernel(x, rng):
    return *signals(x, rng), rng.standard_normal((2, 1, 2))


def images_and_kernel(x, rng):
    return *images(x, rng), rng.standard_normal((2, 1, 2, 2))


def operation(reference, inputs=real, finite=True, name=""):
    """Adds a function `arrays -> (y, back)` as another form of `reference`."""

    def add(mine):
        key = name or mine.__name__.rstrip("_")
        OPERATIONS[key] = Operation(mine, reference, inputs, finite)
        return mine

    return add


def formula(reference, inputs=real, finite=True):
    """Adds a function of tensors: its gradient is autograd's."""

    def add(mine):
        operation(reference, inputs, finite, mine.__name__.rstrip("_"))(tracked(mine))
        return mine

    return add


def tracked(function: Callable) -> Callable:
    """A function of tensors as one of arrays with its way back."""

    def both_ways(*arrays):
        xs = [torch.from_numpy(np.ascontiguousarray(a)) for a in arrays]
        for x in xs:
            x.requires_grad_(x.is_floating_point())
        y = function(*xs)

        def back(dy):
            wanted = [x for x in xs if x.requires_grad]
            dy = torch.from_numpy(np.array(dy, y.detach().numpy().dtype))
            if not y.requires_grad:
                return tuple(np.zeros(x.shape, dy.numpy().dtype) for x in wanted)
            grads = torch.autograd.grad(y, wanted, dy, allow_unused=True)
            found = iter(
                np.zeros(x.shape, dy.numpy().dtype) if g is None else g.numpy()
                for x, g in zip(wanted, grads, strict=True)
            )
            every = tuple(next(found) if x.requires_grad else None for x in xs)
            return every[0] if len(xs) == 1 else every

        return y.detach().numpy(), back

    return both_ways


def elementwise(name, f, slope, reference, inputs=real, finite=True):
    """Adds y = f(x) with dx = dy f'(x)."""

    def mine(x):
        return f(x), lambda dy: (dy * slope(x)).astype(x.dtype)

    operation(reference, inputs, finite, name)(mine)


# Elementwise.

SIGMOID = special.expit


def _gelu_slope(x):
    density = np.exp(-x * x / 2) / x.dtype.type(np.sqrt(2 * np.pi))
    return special.ndtr(x) + x * density


def _softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def _mish_slope(x):
    t, s = np.tanh(_softplus(x)), SIGMOID(x)
    return t + x * s * (1 - t * t)


elementwise("relu", lambda x: np.maximum(x, 0), lambda x: x > 0, torch.relu)
elementwise("relu6", lambda x: x.clip(0, 6), lambda x: (x > 0) & (x < 6), F.relu6)
elementwise(
    "leaky_relu",
    lambda x: np.maximum(x, 0) + x.dtype.type(0.01) * np.minimum(x, 0),
    lambda x: np.where(x > 0, x.dtype.type(1), x.dtype.type(0.01)),
    F.leaky_relu,
)
elementwise(
    "hardswish",
    lambda x: np.where(x >= 3, x, np.where(x <= -3, 0, x * (x / 6 + 0.5))),
    lambda x: np.where(x >= 3, 1, np.where(x <= -3, 0, x / 3 + 0.5)),
    F.hardswish,
)
elementwise(
    "hardsigmoid",
    lambda x: (x / 6 + 0.5).clip(0, 1),
    lambda x: np.where(np.abs(x) < 3, x.dtype.type(1 / 6), x.dtype.type(0)),
    lambda x: F.relu6(x + 3) / 6,  # F.hardsigmoid's slope is float32's 1/6 in float64
)
elementwise("hardtanh", lambda x: x.clip(-1, 1), lambda x: np.abs(x) < 1, F.hardtanh)
elementwise(
    "hardshrink",
    lambda x: np.where(np.abs(x) > 0.5, x, x.dtype.type(0)),
    lambda x: np.abs(x) > 0.5,
    F.hardshrink,
)
elementwise(
    "softshrink",
    lambda x: x - x.clip(-0.5, 0.5),
    lambda x: np.abs(x) > 0.5,
    F.softshrink,
)
elementwise("abs", lambda x: np.maximum(x, -x), np.sign, torch.abs)
elementwise("sign", np.sign, np.zeros_like, torch.sign)
elementwise("round", np.rint, np.zeros_like, torch.round)
elementwise("floor", lambda x: -np.ceil(-x), np.zeros_like, torch.floor)
elementwise("square", np.square, lambda x: 2 * x, lambda x: x**2)
elementwise("cube", lambda x: x * x * x, lambda x: 3 * x * x, lambda x: x**3)
elementwise("sin", lambda x: -np.sin(-x), np.cos, torch.sin)
elementwise("cos", np.cos, lambda x: -np.sin(x), torch.cos)
elementwise("atan", np.arctan, lambda x: 1 / (1 + x * x), torch.atan, finite=False)
elementwise("asin", np.arcsin, lambda x: ((1 - x) * (1 + x)) ** -0.5, torch.asin, unit)
elementwise(
    "atanh",
    lambda x: (np.log1p(x) - np.log1p(-x)) / 2,
    lambda x: 1 / ((1 - x) * (1 + x)),
    torch.atanh,
    unit,
)
elementwise("exp", lambda x: np.expm1(x) + 1, np.exp, torch.exp)
elementwise("expm1", np.expm1, np.exp, torch.expm1)
elementwise("log", np.log, lambda x: 1 / x, torch.log, positive)
elementwise("log1p", np.log1p, lambda x: 1 / (1 + x), torch.log1p, positive)
elementwise("sqrt", np.sqrt, lambda x: 0.5 * x**-0.5, torch.sqrt, positive)
elementwise(
    "rsqrt", lambda x: 1 / np.sqrt(x), lambda x: -0.5 * x**-1.5, torch.rsqrt, positive
)
elementwise(
    "reciprocal", lambda x: x**-1, lambda x: -(x**-2), torch.reciprocal, positive
)
elementwise(
    "sigmoid",
    lambda x: np.exp(-np.logaddexp(0, -x)).astype(x.dtype),
    lambda x: SIGMOID(x) * SIGMOID(-x),
    torch.sigmoid,
    finite=False,
)
elementwise("tanh", np.tanh, lambda x: np.cosh(x) ** -2, torch.tanh, finite=False)
elementwise(
    "silu",
    lambda x: x * SIGMOID(x),
    lambda x: SIGMOID(x) * (1 + x * SIGMOID(-x)),
    F.silu,
)
elementwise("gelu", lambda x: x * special.ndtr(x), _gelu_slope, F.gelu)
elementwise(
    "softplus", _softplus, SIGMOID, lambda x: torch.logaddexp(x, torch.zeros_like(x))
)
elementwise("logsigmoid", lambda x: -_softplus(-x), lambda x: SIGMOID(-x), F.logsigmoid)
elementwise("mish", lambda x: x * np.tanh(_softplus(x)), _mish_slope, F.mish)
elementwise(
    "elu",
    lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    lambda x: np.exp(np.minimum(x, 0)),
    F.elu,
    finite=False,
)
elementwise(
    "softsign",
    lambda x: x / (1 + np.abs(x)),
    lambda x: (1 + np.abs(x)) ** -2.0,
    F.softsign,
)
elementwise(
    "tanhshrink", lambda x: x - np.tanh(x), lambda x: np.tanh(x) ** 2, F.tanhshrink
)
elementwise(
    "clamp",
    lambda x: np.minimum(np.maximum(x, -1), 1),
    lambda x: np.abs(x) <= 1,
    lambda x: x.clamp(-1, 1),
    finite=False,
)


@formula(lambda x: F.gelu(x, approximate="tanh"))
def gelu_tanh(x):
    """tanh(z) = 2 sigmoid(2 z) - 1."""
    return x * torch.sigmoid(1.5957691216057308 * (x + 0.044715 * x * x * x))


@formula(F.selu)
def selu(x):
    scale, alpha = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717
    return scale * torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0)))


@formula(lambda x: F.threshold(x, 0.5, -1.0))
def threshold(x):
    return torch.where(x > 0.5, x, -torch.ones_like(x))


# Softmax and its family, along rows.


def _softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@operation(lambda x: torch.softmax(x, 1), finite=False)
def softmax(x):
    y = _softmax(x)
    return y, lambda dy: y * dy - y * (y * dy).sum(axis=1, keepdims=True)


@operation(lambda x: F.log_softmax(x, 1))
def log_softmax(x):
    z = x - x.max(axis=1, keepdims=True)
    y = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return y, lambda dy: dy - np.exp(y) * dy.sum(axis=1, keepdims=True)


@operation(lambda x: torch.logsumexp(x, 1), finite=False)
def logsumexp(x):
    top = x.max(axis=1)
    y = top + np.log(np.exp(x - top[:, None]).sum(axis=1))
    return y, lambda dy: dy[:, None] * _softmax(x)


@formula(lambda x: F.softmin(x, dim=1))
def softmin(x):
    return torch.exp(-x - torch.logsumexp(-x, 1, keepdim=True))


@operation(F.cross_entropy, with_classes)
def cross_entropy(x, target):
    rows = np.arange(len(x))
    top = x.max(axis=1)
    sums = np.log(np.exp(x - top[:, None]).sum(axis=1))
    loss = np.mean(sums + (top - x[rows, target]), dtype=x.dtype)

    def back(dy):
        share = _softmax(x)
        share[rows, target] -= 1
        return dy * share / x.dtype.type(max(len(x), 1)), None

    return np.asarray(loss), back


@operation(F.binary_cross_entropy_with_logits, with_zeros_and_ones)
def bce_with_logits(x, target):
    loss = np.mean(_softplus(x) - target * x, dtype=x.dtype)
    n = x.dtype.type(max(x.size, 1))
    return np.asarray(loss), lambda dy: (dy * (SIGMOID(x) - target) / n, None)


@formula(F.binary_cross_entropy, probabilities)
def bce(p, t):
    return -(t * p.log() + (1 - t) * torch.log1p(-p)).mean()


@formula(lambda x, t: F.soft_margin_loss(x, t.to(x)), with_signs)
def soft_margin(x, t):
    return -F.logsigmoid(t * x).mean()


@formula(lambda x, y: F.kl_div(F.log_softmax(x, 1), F.softmax(y, 1)), with_normal)
def kl_div(x, y):
    p, q = F.log_softmax(y, 1), F.log_softmax(x, 1)
    return (p.exp() * (p - q)).mean()


@formula(lambda q, k, v: F.scaled_dot_product_attention(q, k, v), query_key_value)
def attention(q, k, v):
    return torch.softmax(q @ (k / q.shape[1] ** 0.5).T, 1) @ v


# Norms.


@operation(lambda x, g, b: F.layer_norm(x, x.shape[1:], g, b), with_gain)
def layer_norm(x, gain, bias):
    d = x.dtype.type(x.shape[1])
    centred = x - x.sum(axis=1, keepdims=True) / d
    scale = 1 / np.sqrt((centred**2).sum(axis=1, keepdims=True) / d + 1e-5)
    z = centred * scale.astype(x.dtype)

    def back(dy):
        dz = dy * gain
        inner = (dz * z).sum(axis=1, keepdims=True) / d
        mean = dz.sum(axis=1, keepdims=True) / d
        dx = (dz - mean - z * inner) * scale.astype(x.dtype)
        return dx, (dy * z).sum(axis=0), dy.sum(axis=0)

    return z * gain + bias, back


@formula(lambda x, g, b: F.rms_norm(x, x.shape[1:], g, 1e-6) + b, with_gain)
def rms_norm(x, gain, bias):
    return x / (x.square().mean(1, keepdim=True) + 1e-6).sqrt() * gain + bias


@formula(lambda x, g, b: F.batch_norm(x, None, None, g, b, training=True), with_gain)
def batch_norm(x, gain, bias):
    variance, mean = torch.var_mean(x, 0, correction=0)
    return gain * (x - mean) / (variance + 1e-5).sqrt() + bias


@formula(lambda x: F.normalize(x, dim=1))
def normalize(x):
    return x / x.square().sum(1, keepdim=True).sqrt().clamp(min=1e-12)


# Losses and distances.


def mean_of(each, slope):
    """The mean of a function of x - y, with its gradient in both."""

    def mine(x, y):
        n = x.dtype.type(max(x.size, 1))
        loss = np.asarray(np.mean(each(x - y), dtype=x.dtype))
        if not x.size:
            loss = np.full((), np.nan, x.dtype)

        def back(dy):
            d = (dy * slope(x - y) / n).astype(x.dtype)
            return d, -d

        return loss, back

    return mine


def _huber(e):
    small = np.minimum(np.abs(e), 1)
    return small * (np.abs(e) - small / 2)


operation(F.mse_loss, same_kind, name="mse")(mean_of(np.square, lambda e: 2 * e))
operation(F.l1_loss, same_kind, name="l1")(mean_of(np.abs, np.sign))
operation(F.huber_loss, same_kind, name="huber")(
    mean_of(_huber, lambda e: e.clip(-1, 1))
)
operation(F.smooth_l1_loss, with_normal, name="smooth_l1")(
    mean_of(_huber, lambda e: e.clip(-1, 1))
)


@formula(lambda x, t: F.hinge_embedding_loss(x, t.to(x)), with_signs)
def hinge_embedding(x, t):
    return torch.where(t > 0, x, (1 - x).clamp(min=0)).mean()


@formula(lambda x, y: F.cosine_similarity(x, y, dim=1), with_normal)
def cosine(x, y):
    a, b = (root(v.square().sum(1)).clamp(min=1e-8) for v in (x, y))
    return (x / a[:, None] * (y / b[:, None])).sum(1)


@formula(lambda x, y: F.pairwise_distance(x, y, eps=0.0), with_normal)
def pairwise_distance(x, y):
    return (x - y).square().sum(1).sqrt()


@formula(lambda x, y: torch.cdist(x, y, p=1.0), with_few)
def distances(x, y):
    return (x[:, None] - y).abs().sum(2)


@formula(lambda x, y: torch.hypot(x, y), with_normal)
def hypot(x, y):
    return (x.square() + y.square()).sqrt()


# Reductions, orders, running sums.


@operation(lambda x: x.sum(1))
def row_sum(x):
    y = np.stack([row.sum() for row in x]) if len(x) else np.zeros(0, x.dtype)
    return y, lambda dy: np.repeat(dy[:, None], x.shape[1], axis=1)


@operation(lambda x: x.sum(0))
def column_sum(x):
    y = x.sum(axis=0)
    return y, lambda dy: np.broadcast_to(dy, x.shape).copy()


@operation(lambda x: x.mean())
def mean(x):
    n = x.dtype.type(x.size)
    return np.asarray(x.sum() / n), lambda dy: np.full(x.shape, dy / n, x.dtype)


@operation(lambda x: x.var(1, correction=0))
def variance(x):
    d = x.dtype.type(x.shape[1])
    centred = x - x.mean(axis=1, keepdims=True)
    return (centred**2).sum(axis=1) / d, lambda dy: 2 * dy[:, None] * centred / d


@formula(lambda x: x.std(1, correction=0))
def std(x):
    return root((x - x.mean(1, keepdim=True)).square().mean(1))


def root(x):
    """The square root, whose slope at 0 is taken as 0."""
    return torch.where(x > 0, torch.where(x > 0, x, 1).sqrt(), 0)


@operation(lambda x: x.max(1).values, finite=False)
def row_max(x):
    places = x.argmax(axis=1)

    def back(dy):
        dx = np.zeros_like(x)
        dx[np.arange(len(x)), places] = dy
        return dx

    return x[np.arange(len(x)), places], back


@operation(lambda x: x.amin(1), finite=False)
def row_amin(x):
    """The gradient is shared among equal ones."""
    lowest = x.min(axis=1, keepdims=True)
    at = (x == lowest).astype(x.dtype)
    share = at / at.sum(axis=1, keepdims=True)
    return lowest[:, 0], lambda dy: dy[:, None] * share


@operation(lambda x: x.argmax(1), finite=False)
def argmax(x):
    y = (x == x.max(axis=1, keepdims=True)).argmax(axis=1)
    return y, lambda dy: np.zeros_like(x)


@operation(lambda x: x.sort(dim=1, stable=True).values, finite=False)
def sort(x):
    order = np.argsort(x, axis=1, kind="stable")

    def back(dy):
        dx = np.empty_like(x)
        np.put_along_axis(dx, order, dy, axis=1)
        return dx

    return np.take_along_axis(x, order, axis=1), back


@formula(lambda x: x.topk(min(2, x.shape[1]), 1).values, finite=False)
def topk(x):
    """Of equal ones PyTorch takes any, and says nowhere which: they are asked for."""
    return x.gather(1, x.topk(min(2, x.shape[1]), 1).indices)


@operation(torch.maximum, with_normal)
def maximum(x, y):
    """Of equal ones each gets half of the gradient."""
    share = ((x > y) + 0.5 * (x == y)).astype(x.dtype)
    return np.maximum(x, y), lambda dy: (dy * share, dy * (1 - share))


@operation(lambda x: x.cumsum(1))
def cumsum(x):
    y = np.cumsum(x, axis=1)
    return y, lambda dy: np.cumsum(dy[:, ::-1], axis=1)[:, ::-1]


@formula(lambda x: x.logcumsumexp(1))
def logcumsumexp(x):
    sums = [torch.logsumexp(x[:, : i + 1], 1) for i in range(x.shape[1])]
    return torch.stack(sums, 1)


@formula(lambda x: x.prod(1))
def product(x):
    y = torch.ones_like(x[:, 0])
    for column in x.unbind(1):
        y = y * column
    return y


# Products of matrices, convolutions, pooling.


@operation(torch.matmul, with_weights)
def matmul(x, w):
    y = np.ascontiguousarray((w.T @ x.T).T)
    return y, lambda dy: (dy @ w.T, x.T @ dy)


@operation(lambda x: x @ x.T, few)
def gram(x):
    y = np.einsum("id,jd->ij", x, x)
    return y, lambda dy: (dy + dy.T) @ x


@formula(F.conv1d, signals_and_kernel)
def conv1d(x, w):
    return torch.einsum("nclk,ock->nol", x.unfold(2, 2, 1), w)


@formula(F.conv2d, images_and_kernel)
def conv2d(x, w):
    h, v = x.shape[2] - 1, x.shape[3] - 1
    parts = [
        x[:, :, i : i + h, j : j + v][:, None] * w[None, :, :, i, j, None, None]
        for i in (0, 1)
        for j in (0, 1)
    ]
    return sum(parts).sum(2)


@formula(lambda x: F.max_pool1d(x, 2), signals, finite=False)
def max_pool1d(x):
    return x.unfold(2, 2, 2).max(3).values


@formula(lambda x: F.max_pool2d(x, 2), images)
def max_pool2d(x):
    h, w = x.shape[2] // 2 * 2, x.shape[3] // 2 * 2
    tiles = x[:, :, :h, :w].unfold(2, 2, 2).unfold(3, 2, 2)
    return tiles.flatten(4).max(4).values


@formula(lambda x: F.avg_pool1d(x, 2), signals)
def avg_pool1d(x):
    return (x[:, :, ::2] + x[:, :, 1::2]) / 2


@formula(lambda x: F.glu(torch.cat([x, -x], 1), 1))
def glu(x):
    return x * torch.sigmoid(-x)
