"""Sides for schedules: the rates and momenta that a schedule sets, step after step."""

from copy import deepcopy

import numpy as np

from twofold import scratch, torch_ref

from ...sides.arrays import to_torch
from ...sides.trace import Feed, Trace
from ..cases.schedules import STEPS

MOMENTUM = 0.9


class ScheduleSide:
    """A schedule walked for 200 steps; `feed` holds the first rates and the metrics.

    With `resume`, the schedule and its optimiser are replaced after that step by new
    ones that take over their states.
    """

    follows_dtype = False  # rates are Python floats

    def __init__(self, schedule: type, case, options: dict, resume: int, tree):
        self.schedule = schedule
        self.case = case
        self.options = options
        self.resume = resume
        self.tree = tree

    def run(self, feed: Feed) -> Trace:
        optimizer, schedule = self._new(feed)
        trace = Trace()
        _record(trace, "step 0: ", optimizer)
        for step in range(1, STEPS + 1):
            told = [float(metrics[step - 1]) for metrics in feed.inputs]
            if self.case.pace is not None:
                told = [step * self.case.pace]
            schedule.step(*told)
            _record(trace, f"step {step}: ", optimizer)
            if step == self.resume:
                saved = deepcopy((optimizer.state_dict(), schedule.state_dict()))
                optimizer, schedule = self._new(feed)
                optimizer.load_state_dict(saved[0])
                schedule.load_state_dict(saved[1])
        trace["get_last_lr()"] = np.array(schedule.get_last_lr(), np.float64)
        return trace

    def _new(self, feed: Feed):
        optim = self.tree.optim
        groups = [
            {"params": [self._parameter()], "lr": float(rate)}
            for rate in feed.parameters["lr"]
        ]
        options = {"momentum": MOMENTUM} if self.case.optimiser == "SGD" else {}
        optimizer = getattr(optim, self.case.optimiser)(groups, **options)
        own = deepcopy(self.options)
        if self.case.build:
            schedule = self.case.build(optim, optimizer, **own)
        else:
            schedule = self.schedule(optimizer, **own)
        optimizer.step()  # else both sides warn that the first rate is skipped
        return optimizer, schedule

    def _parameter(self):
        one = np.ones(1)
        return self.tree.nn.Parameter(to_torch(one) if self.tree is torch_ref else one)


def _record(trace: Trace, prefix: str, optimizer) -> None:
    groups = optimizer.param_groups
    trace[f"{prefix}lr"] = np.array([g["lr"] for g in groups], np.float64)
    if "max_momentum" in groups[0]:  # the schedule moves it
        momenta = [g["momentum"] if "momentum" in g else g["betas"][0] for g in groups]
        trace[f"{prefix}momentum"] = np.array(momenta, np.float64)


def schedule_sides(concept, case, dice, seed, device):
    options, rates, metrics, resume = case.draw(dice)
    sides = [
        ScheduleSide(schedule, case, options, resume, tree)
        for schedule, tree in ((concept.scratch, scratch), (concept.torch, torch_ref))
    ]
    inputs = () if metrics is None else (metrics,)
    feed = Feed(np.dtype(np.float64), inputs, {"lr": rates}, seed=seed)
    return *sides, feed, []
