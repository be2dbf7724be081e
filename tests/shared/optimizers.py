"""The same parameters, gradients and optimisers on both sides."""

import inspect

import numpy as np
import torch

from twofold import scratch, torch_ref
from twofold.scratch.nn import Parameter

SIDES = {"scratch": scratch.optim, "torch": torch_ref.optim}
NAMES = [
    n
    for n in scratch.optim.__all__
    if inspect.isclass(getattr(SIDES["torch"], n)) and n != "Optimizer"
]
DENSE = [n for n in NAMES if n not in ("LBFGS", "SparseAdam")]
ELEMENTWISE = [n for n in DENSE if n not in ("Adafactor", "Muon")]
# Options under which every array of the state is there.
FULL = {
    "SGD": {"momentum": 0.9, "weight_decay": 0.1, "maximize": True},
    "Adam": {"amsgrad": True, "weight_decay": 0.1, "maximize": True},
    "RMSprop": {"momentum": 0.9, "centered": True, "weight_decay": 0.1},
    "ASGD": {"t0": 2, "weight_decay": 0.1, "maximize": True},
    "Adagrad": {"lr_decay": 0.1, "initial_accumulator_value": 0.5, "maximize": True},
    "NAdam": {"weight_decay": 0.1, "decoupled_weight_decay": True, "maximize": True},
    "RAdam": {"betas": (0.9, 0.9), "weight_decay": 0.1, "maximize": True},
    "Adafactor": {"weight_decay": 0.1, "maximize": True},
    **{name: {"maximize": True} for name in ("Adamax", "Adadelta", "AdamW", "Rprop")},
}


def parameters(shapes, dtype=np.float32, seed=0):
    rng = np.random.default_rng(seed)
    return [Parameter(np.asarray(rng.standard_normal(s)).astype(dtype)) for s in shapes]


def shapes_for(name):
    return [(4, 3), (2, 5)] if name == "Muon" else [(), (1,), (7,), (5, 3)]


def twins(shapes, dtype=np.float32):
    """The same parameters on both sides."""
    ours = parameters(shapes, dtype)
    theirs = [torch.nn.Parameter(torch.from_numpy(p.data.copy())) for p in ours]
    return ours, theirs


def set_gradients(params, seed, missing=()):
    rng = np.random.default_rng(seed)
    for i, p in enumerate(params):
        gradient = np.asarray(rng.standard_normal(tuple(p.shape)))
        if i in missing:
            p.grad = None
        elif isinstance(p, Parameter):
            p.grad = gradient.astype(p.dtype)
        else:
            p.grad = torch.from_numpy(gradient).to(p.dtype)


def train(optimizer, params, steps):
    for seed in steps:
        set_gradients(params, seed)
        optimizer.step()


def raised(call):
    """The class of what `call` raises or warns of, or None."""
    try:
        call()
    except Exception as error:
        return type(error)
    return None


def as_bytes(optimizer, params):
    arrays = [p.data for p in params]
    for p in params:
        arrays += [np.asarray(v) for _, v in sorted(optimizer.state[p].items())]
    return [a.tobytes() for a in arrays]


def bowl(params):
    """A closure: half the sum of k x_k^2, forwards and backwards."""

    def closure():
        loss = 0.0
        for p in params:
            k = np.arange(1, p.size + 1, dtype=p.dtype).reshape(p.shape)
            p.grad = k * p.data
            loss += 0.5 * float((p.grad * p.data).sum())
        return loss

    return closure
