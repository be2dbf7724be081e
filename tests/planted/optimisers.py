"""Mistakes in optimisers, as they were made in public."""

import math

import numpy as np

from twofold.compare.concepts.selftest import Plant, patch
from twofold.scratch import optim
from twofold.scratch.optim import Adam, Optimizer

ADAM = ("optim.Adam",)


def _adam(denominator, correction=lambda beta, s: 1 - beta**s.step):
    """Adam's update with another denominator or another bias correction."""

    def update(self, group, p, g, s):
        lr, (beta1, beta2) = group["lr"], group["betas"]
        g = -g if group["maximize"] else g
        if group["weight_decay"] != 0:
            if group["decoupled_weight_decay"]:
                p *= 1 - lr * group["weight_decay"]
            else:
                g = g + group["weight_decay"] * p
        m, v = s.exp_avg, s.exp_avg_sq
        m += (1 - beta1) * (g - m)
        v *= beta2
        v += (1 - beta2) * (g * g)
        if group["amsgrad"]:
            v = np.maximum(s.max_exp_avg_sq, v, out=s.max_exp_avg_sq)
        first, second = correction(beta1, s), correction(beta2, s)
        p -= lr / first * m / denominator(v, second, group["eps"])

    return patch(Adam, "update", update)


def _plain(v, second, eps):
    return np.sqrt(v / second) + eps


def _l2_for_decoupled():
    right = Adam.update

    def update(self, group, p, g, s):
        right(self, {**group, "decoupled_weight_decay": False}, p, g, s)

    return patch(Adam, "update", update)


def _decay_without_gradient():
    right = Optimizer.step

    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    p.data *= 1 - group["lr"] * group["weight_decay"]
        return right(self, closure)

    return patch(Optimizer, "step", step)


def _zero_taken_for_none():
    right = Optimizer.step

    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None and not p.grad.any():
                    p.grad = None
        return right(self, closure)

    return patch(Optimizer, "step", step)


def _sgd(nesterov=None, reset=False, ignored=False):
    def update(self, group, p, g, s):
        mu, tau = group["momentum"], group["dampening"]
        g = -g if group["maximize"] else g
        if group["weight_decay"] != 0:
            g = g + group["weight_decay"] * p
        if mu != 0 and not (ignored and not group["nesterov"]):
            b = s.momentum_buffer
            if s.first or reset:
                b[:] = g
            else:
                b *= mu
                b += (1 - tau) * g
            g = nesterov(g, b, mu) if nesterov and group["nesterov"] else b
            if not nesterov and group["nesterov"]:
                g = g + mu * b
        p -= group["lr"] * g

    return patch(optim.SGD, "update", update)


PLANTS = [
    Plant(
        "Adam: epsilon before the bias correction",
        "tensorflow#9047, pytorch#41477",
        ADAM,
        lambda: _adam(lambda v, second, eps: (np.sqrt(v) + eps) / math.sqrt(second)),
        "update of",
    ),
    Plant(
        "Adam: epsilon inside the root",
        "pytorch#23796",
        ADAM,
        lambda: _adam(lambda v, second, eps: np.sqrt(v / second + eps)),
        "update of",
    ),
    Plant(
        "Adam: no bias correction",
        "transformers#420",
        ADAM,
        lambda: _adam(_plain, lambda beta, s: 1),
        "step 1: update of",
    ),
    Plant(
        "Adam: bias correction compounds",
        "holocron#1",
        ADAM,
        lambda: _adam(_plain, lambda beta, s: (1 - beta**s.step) ** s.step),
        "step 2: update of",
    ),
    Plant(
        "Adam: beta not raised to the step",
        "ML-From-Scratch#35",
        ADAM,
        lambda: _adam(_plain, lambda beta, s: 1 - beta),
        "step 2: update of",
    ),
    Plant(
        "AdamW: L2 penalty for decoupled decay",
        "pytorch PR#21250",
        ("optim.AdamW",),
        _l2_for_decoupled,
        "step 1: ",
    ),
    Plant(
        "decay applied to parameters without gradient",
        "Muon#54",
        ("optim.AdamW",),
        _decay_without_gradient,
        "update of",
    ),
    Plant(
        "zero gradient taken for none",
        "pytorch#83769",
        ADAM,
        _zero_taken_for_none,
        "",
    ),
    Plant(
        "SGD: Nesterov without the gradient",
        "mlx PR#87",
        ("optim.SGD",),
        lambda: _sgd(nesterov=lambda g, b, mu: mu * b),
        "step 1: update of",
    ),
    Plant(
        "SGD: momentum buffer reset at each step",
        "pytorch_optimizer PR#516",
        ("optim.SGD",),
        lambda: _sgd(reset=True),
        "step 2: ",
    ),
    Plant(
        "SGD: momentum ignored unless Nesterov",
        "Muon PR#4",
        ("optim.SGD",),
        lambda: _sgd(ignored=True),
        "step 2: update of",
    ),
]
