"""Known mistakes of optimisers, each written as one, to be recognised by their steps.

What a wrong optimiser computes is compared with what each mistake would compute. A hint
for whoever looks for it, and no verdict.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ..numerics.sizes import Size, finite_difference
from ..sides.trace import Feed, Trace

NEARER = 1000
"""A mistake is named if mine lies so many times nearer to it than to the reference."""


@dataclass(frozen=True)
class Adam:
    r"""$m, v$ running means of $g, g^2$; $p \leftarrow p - \eta \hat m / (\sqrt{\hat
    v} + \epsilon)$, with one thing done otherwise."""

    inside: bool = False  # epsilon under the root
    hat: bool = False  # epsilon beside the root of v before its correction
    corrected: tuple[bool, bool] = (True, True)  # m, v
    power: bool = True  # beta to the power of t
    coupled: bool | None = None  # decay in the gradient; None: as the reference has it
    decayed: bool = True

    def __call__(self, p, g, state, o):
        m, v, t = state or (0 * p, 0 * p, 0)
        t += 1
        (b1, b2), wd = o["betas"], o["weight_decay"] if self.decayed else 0.0
        coupled = o["coupled"] if self.coupled is None else self.coupled
        g = -g if o["maximize"] else g
        if coupled:
            g = g + wd * p
        else:
            p = p * (1 - o["lr"] * wd)
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        n = t if self.power else 1
        c1 = 1 - b1**n if self.corrected[0] else 1.0
        c2 = 1 - b2**n if self.corrected[1] else 1.0
        if self.inside:
            root = np.sqrt(v / c2 + o["eps"])
        elif self.hat:
            root = (np.sqrt(v) + o["eps"]) / np.sqrt(c2)
        else:
            root = np.sqrt(v / c2) + o["eps"]
        return p - o["lr"] * (m / c1) / root, (m, v, t)


@dataclass(frozen=True)
class SGD:
    r"""$b \leftarrow \mu b + g$, $p \leftarrow p - \eta b$, with one thing done
    otherwise."""

    damped: bool = False  # the first gradient too
    nesterov: bool | None = None
    reset: bool = False  # momentum forgotten at every step
    averaged: bool = False  # (1 - momentum) of the gradient
    decoupled: bool = False

    def __call__(self, p, g, state, o):
        mu, damp = o["momentum"], o["dampening"]
        damp = mu if self.averaged else damp
        g = -g if o["maximize"] else g
        if self.decoupled:
            p = p * (1 - o["lr"] * o["weight_decay"])
        else:
            g = g + o["weight_decay"] * p
        first = state is None or self.reset
        if first:
            b = (1 - damp) * g if self.damped or self.averaged else g
        else:
            b = mu * state + (1 - damp) * g
        ahead = o["nesterov"] if self.nesterov is None else self.nesterov
        used = g + mu * b if ahead else b
        return p - o["lr"] * used, b


@dataclass(frozen=True)
class RMSprop:
    r"""$v \leftarrow \alpha v + (1 - \alpha) g^2$, $p \leftarrow p - \eta g /
    (\sqrt v + \epsilon)$, with one thing done otherwise."""

    inside: bool = False
    ones: bool = False  # the average starts at 1, as in TensorFlow
    summed: bool = False  # a sum instead of a mean: Adagrad

    def __call__(self, p, g, state, o):
        g = (-g if o["maximize"] else g) + o["weight_decay"] * p
        v = (0 * p + 1 if self.ones else 0 * p) if state is None else state
        a = o["alpha"]
        v = v + g * g if self.summed else a * v + (1 - a) * g * g
        root = np.sqrt(v + o["eps"]) if self.inside else np.sqrt(v) + o["eps"]
        return p - o["lr"] * g / root, v


ADAM = {
    "epsilon stands inside the root": Adam(inside=True),
    "epsilon is added before the bias correction of the root": Adam(hat=True),
    "no bias correction": Adam(corrected=(False, False)),
    "no bias correction of the first moment": Adam(corrected=(False, True)),
    "no bias correction of the second moment": Adam(corrected=(True, False)),
    "the bias correction does not raise beta to the power of the step": Adam(
        power=False
    ),
    "the decay is coupled: added to the gradient": Adam(coupled=True),
    "the decay is decoupled: taken from the weights": Adam(coupled=False),
    "no decay": Adam(decayed=False),
}
SIGNATURES: dict[str, dict[str, Callable]] = {
    "Adam": ADAM,
    "AdamW": ADAM,
    "SGD": {
        "the first step is damped as well": SGD(damped=True),
        "Nesterov's look-ahead is missing": SGD(nesterov=False),
        "a step of Nesterov's": SGD(nesterov=True),
        "momentum is forgotten at every step": SGD(reset=True),
        "momentum is a mean: 1 - momentum of the gradient is taken": SGD(averaged=True),
        "the decay is decoupled: taken from the weights": SGD(decoupled=True),
    },
    "RMSprop": {
        "epsilon stands inside the root": RMSprop(inside=True),
        "the running mean starts at 1": RMSprop(ones=True),
        "squares are summed, not averaged": RMSprop(summed=True),
    },
}
DEFAULTS = {
    "Adam": {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0},
    "AdamW": {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 1e-2},
    "SGD": {"lr": 1e-3, "momentum": 0.0, "dampening": 0.0, "weight_decay": 0.0}
    | {"nesterov": False},
    "RMSprop": {"lr": 1e-2, "alpha": 0.99, "eps": 1e-8, "weight_decay": 0.0},
}


NOT_KNOWN = {"amsgrad", "centered"}  # options under which the formulas are others


def signatures(
    name: str, options: list[dict], feed: Feed, mine: Trace, theirs: Trace
) -> Iterator[str]:
    """The known mistakes that would make the steps of `mine`.

    `name` is the reference's, `options` those of each parameter, the traces are both
    sides' in float64.
    """
    if any(o.get(key) for o in options for key in NOT_KNOWN):
        return
    if name == "RMSprop" and any(o.get("momentum") for o in options):
        return
    for words, rule in SIGNATURES.get(name, {}).items():
        made = dict(_updates(rule, name, options, feed))
        apart = _gap(mine, theirs, made)
        if _gap(mine, made, made) * NEARER < apart:
            yield f"a hint: these are the steps of a known mistake: {words}"


def _updates(rule: Callable, name: str, options: list[dict], feed: Feed) -> Iterator:
    count = len(feed.parameters)
    for i, (parameter, start) in enumerate(feed.parameters.items()):
        o = {"maximize": False, "coupled": name == "Adam"} | DEFAULTS[name] | options[i]
        p, state = np.array(start), None
        for step, g in enumerate(feed.inputs[i::count], 1):
            before = p
            if g is not None:
                p, state = rule(p, g, state, o)
            yield f"step {step}: update of {parameter}", p - before


def _gap(a: dict, b: dict, names: dict) -> float:
    sizes = [Size.of(finite_difference(a[k], b[k])).rms for k in names if k in a]
    return max(sizes, default=0.0)
