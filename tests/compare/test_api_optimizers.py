"""Optimisers as strangers write them: right ones match, known mistakes are found."""

from functools import partial

import numpy as np
import pytest
import torch

import twofold
from optimizers import NAMES
from twofold import scratch

FEW = {"steps": 12, "draws": 2}


def adam(
    p, g, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, wrong=""
):
    """A pure function; `wrong` names the mistake in it."""
    m, v, t = state or (np.zeros_like(p), np.zeros_like(p), 0)
    t, (b1, b2) = t + 1, betas
    if wrong == "coupled":
        g = g + weight_decay * p
    else:
        p = p * (1 - lr * weight_decay)
    m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
    n = 1 if wrong == "power" else t
    c1, c2 = (1, 1) if wrong == "corrected" else (1 - b1**n, 1 - b2**n)
    root = np.sqrt(v / c2 + eps) if wrong == "inside" else np.sqrt(v / c2) + eps
    if wrong == "hat":
        root = (np.sqrt(v) + eps) / np.sqrt(c2)
    if wrong == "compounding":
        m, v = m / c1, v / c2
        return p - lr * m / (np.sqrt(v) + eps), (m, v, t)
    return p - lr * m / c1 / root, (m, v, t)


class ByHand:
    """As a first own optimiser looks: lists beside the list of parameters."""

    wrong = ""

    def __init__(self, params, lr=0.1, momentum=0.0, weight_decay=0.0, nesterov=False):
        self.params, self.lr, self.momentum = list(params), lr, momentum
        self.weight_decay, self.nesterov = weight_decay, nesterov
        self.buf = [None] * len(self.params)

    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                if self.wrong == "decays all":
                    p.data = p.data * (1 - self.lr * self.weight_decay)
                continue
            g = p.grad + self.weight_decay * p.data
            if self.wrong == "decoupled":
                g = p.grad
                p.data = p.data * (1 - self.lr * self.weight_decay)
            first = self.buf[i] is None or self.wrong == "reset"
            damp = 1 - self.momentum if self.wrong == "damped" else 1
            b = damp * g if first else self.momentum * self.buf[i] + damp * g
            self.buf[i] = b
            used = g + self.momentum * b if self.nesterov else b
            if self.wrong == "nesterov":
                used = b
            p.data = p.data - self.lr * used


class TorchRMSprop(torch.optim.Optimizer):
    wrong = ""

    def __init__(self, params, lr=0.01, alpha=0.99, eps=1e-8):
        super().__init__(params, {"lr": lr, "alpha": alpha, "eps": eps})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            a, eps = group["alpha"], group["eps"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                state, g = self.state[p], p.grad
                if not state:
                    start = (
                        torch.ones_like if self.wrong == "ones" else torch.zeros_like
                    )
                    state["square_avg"] = start(p)
                v = state["square_avg"].mul_(a).addcmul_(g, g, value=1 - a)
                root = (v + eps).sqrt() if self.wrong == "inside" else v.sqrt() + eps
                p -= group["lr"] * g / root


def by_hand(wrong):
    return type("ByHand", (ByHand,), {"wrong": wrong})


def by_torch(wrong):
    return type("TorchRMSprop", (TorchRMSprop,), {"wrong": wrong})


ADAMW = torch.optim.AdamW, {"lr": 0.1, "eps": 1e-3, "weight_decay": 0.1}
NESTEROV = {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1, "nesterov": True}
SGD = torch.optim.SGD, NESTEROV
PLAIN = torch.optim.SGD, NESTEROV | {"nesterov": False}
RMS = torch.optim.RMSprop, {}
MISTAKES = {
    "epsilon inside the root": (partial(adam, wrong="inside"), *ADAMW, 1, "inside"),
    "epsilon-hat": (partial(adam, wrong="hat"), *ADAMW, 1, "before the bias"),
    "no correction": (
        partial(adam, wrong="corrected"),
        *ADAMW,
        1,
        "no bias correction",
    ),
    "not raised": (partial(adam, wrong="power"), *ADAMW, 2, "does not raise beta"),
    "coupled": (partial(adam, wrong="coupled"), *ADAMW, 1, "coupled: added"),
    "compounding": (partial(adam, wrong="compounding"), *ADAMW, 2, ""),
    "Nesterov forgotten": (by_hand("nesterov"), *SGD, 1, "look-ahead is missing"),
    "decoupled": (by_hand("decoupled"), *SGD, 1, "decoupled: taken"),
    "momentum reset": (by_hand("reset"), *PLAIN, 2, "forgotten at every step"),
    "first step damped": (by_hand("damped"), *PLAIN, 1, "momentum is a mean"),
    "decay of what has no gradient": (by_hand("decays all"), *PLAIN, None, ""),
    "root of v + epsilon": (by_torch("inside"), *RMS, 1, "inside"),
    "averages from 1": (by_torch("ones"), *RMS, 1, "starts at 1"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_known_mistake_is_found_at_its_step(name):
    """Else: weights drift, and nobody knows since which step and why."""
    mine, reference, options, step, hint = MISTAKES[name]
    report = twofold.check_optimizer(mine, reference, options, **FEW)
    assert (report.verdict, report.cause) == ("mismatch", "different functions")
    assert "update of p" in report.first
    if step is not None:
        assert report.first.startswith(f"step {step}: ")
    hints = [note for note in report.notes if note.startswith("a hint")]
    assert len(hints) == bool(hint) and hint in "".join(hints)


@pytest.mark.parametrize(
    ("mine", "reference", "options", "state"),
    [
        (adam, *ADAMW, {0: "exp_avg", 1: "exp_avg_sq", 2: "step"}),
        (ByHand, *SGD, {"buf": "momentum_buffer"}),
        (TorchRMSprop, *RMS, {}),
    ],
    ids=["function", "object", "subclass"],
)
def test_what_is_right_matches_state_and_all(mine, reference, options, state):
    """Else: correct optimisers are called wrong, or their state is not compared."""
    report = twofold.check_optimizer(mine, reference, options, state=state, **FEW)
    assert report.ok, str(report)
    assert len(report.rows) == 4 * (1 + max(1, len(state)))


@pytest.mark.parametrize("name", NAMES)
def test_every_optimiser_of_scratch_through_the_same_door(name):
    """Else: an optimiser of torch.optim cannot be a reference."""
    reference = getattr(torch.optim, name)
    report = twofold.check_optimizer(getattr(scratch.optim, name), reference, **FEW)
    assert report.ok, str(report)


def test_groups_reach_both_sides():
    """Else: options of a group are those of all."""
    groups = [{"lr": 0.1}, {"lr": 0.01, "weight_decay": 0.3}]
    options = {"weight_decay": 0.1}
    right = twofold.check_optimizer(
        adam, torch.optim.AdamW, options, groups=groups, **FEW
    )
    assert right.ok, str(right)

    def forgetful(p, g, state, lr=0.1, weight_decay=0.01):
        return adam(p, g, state, lr=0.1, weight_decay=weight_decay)

    wrong = twofold.check_optimizer(
        forgetful, torch.optim.AdamW, options, groups=groups, **FEW
    )
    assert wrong.first == "step 1: update of p2"


def test_state_that_only_one_side_keeps_is_said():
    """Else: a match is taken for one of the state as well."""
    report = twofold.check_optimizer(adam, *ADAMW, **FEW)
    assert report.ok and "state step, exp_avg, exp_avg_sq" in report.notes[0]


class Raising(ByHand):
    def step(self):
        if any(p.grad is None for p in self.params):
            raise ValueError("no gradient")
        super().step()


def test_an_optimiser_that_raises_is_no_match():
    """Else: an error in a later draw ends the comparison, or counts as none."""
    report = twofold.check_optimizer(Raising, *PLAIN, **FEW)
    assert not report.ok and "mine raised ValueError: no gradient" in str(report)


@pytest.mark.parametrize(
    ("mine", "options", "error", "says"),
    [
        (3, {}, TypeError, "mine: a class made by"),
        (object, {}, TypeError, "object has no step"),
        (torch.optim.SGD([torch.zeros(1)]), {}, TypeError, "a class was expected, as"),
        (adam, {"steps": 0}, ValueError, "steps, draws: positive"),
        (adam, {"state": {0: "nothing"}}, ValueError, "'nothing' is not kept"),
        (lambda p, g, s: p, {}, TypeError, "was expected"),
    ],
)
def test_wrong_use_is_said_in_one_sentence(mine, options, error, says):
    """Else: a slip ends in a trace from deep inside."""
    with pytest.raises(error, match=says):
        twofold.check_optimizer(mine, torch.optim.Adam, **options)
