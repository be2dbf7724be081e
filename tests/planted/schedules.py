"""Mistakes in schedules and in clipping, as they were made in public."""

import math

from twofold.compare.concepts.selftest import Plant, patch
from twofold.scratch.nn import utils
from twofold.scratch.optim import lr_scheduler


def _clipping_each_group():
    right = utils.clip_grad_norm_

    def clip(parameters, max_norm, *options, **more):
        listed = list(parameters)
        gradients = [p.grad for p in listed if p.grad is not None]
        total = utils.get_total_norm(gradients, *options, **more)
        for group in listed[:2], listed[2:]:
            right(group, max_norm, *options, **more)
        return total

    return patch(utils, "clip_grad_norm_", clip)


def _recursion_from_the_lowest_rate():
    """The first recursive form divided by a height of 0; taken for 1, nothing rises."""

    def get_lr(self):
        t, T, low = self.last_epoch, self.T_max, self.eta_min
        if self._is_initial:
            return [group["lr"] for group in self._groups]
        height = 1 + math.cos(math.pi * t / T)
        height_before = 1 + math.cos(math.pi * (t - 1) / T) or 1.0
        ratio = height / height_before
        return [ratio * (group["lr"] - low) + low for group in self._groups]

    return patch(lr_scheduler.CosineAnnealingLR, "get_lr", get_lr)


def _one_step_late():
    def factor(self, t):
        return self.gamma if t > 1 else None

    return patch(lr_scheduler.ExponentialLR, "_factor", factor)


def _restart_one_step_late():
    def step(self, epoch=None):
        self.T_cur += 1
        if self.T_cur > self.T_i:
            self.T_cur, self.T_i = 0, self.T_i * self.T_mult
        self.last_epoch += 1
        self._set_lrs(self.get_lr)

    return patch(lr_scheduler.CosineAnnealingWarmRestarts, "step", step)


def _warm_up_from_zero():
    def closed(self):
        return [base * min(1, self.last_epoch / 5) for base in self.base_lrs]

    return patch(lr_scheduler.LinearLR, "get_lr", closed)


PLANTS = [
    Plant(
        "gradients clipped group by group",
        "transformers PR#614",
        ("nn.utils.clip_grad_norm_",),
        _clipping_each_group,
        "grad of p",
    ),
    Plant(
        "CosineAnnealingLR: recursion does not leave the lowest rate",
        "pytorch#17913, PR#19132",
        ("optim.lr_scheduler.CosineAnnealingLR",),
        _recursion_from_the_lowest_rate,
        ": lr",
    ),
    Plant(
        "ExponentialLR: one step late",
        "pytorch#23480",
        ("optim.lr_scheduler.ExponentialLR",),
        _one_step_late,
        "step 1: lr",
    ),
    Plant(
        "CosineAnnealingWarmRestarts: the minimum is a step of its own",
        "pytorch PR#11104, #47560",
        ("optim.lr_scheduler.CosineAnnealingWarmRestarts",),
        _restart_one_step_late,
        ": lr",
    ),
    Plant(
        "LinearLR: warm-up from zero",
        "torchtune#2010",
        ("optim.lr_scheduler.LinearLR",),
        _warm_up_from_zero,
        "step 0: lr",
    ),
]
