"""Sides for averages of weights."""

import numpy as np
import torch

from twofold import scratch, torch_ref

from ...numerics.dtypes import unit_roundoff
from ...numerics.sizes import Size
from ...sides.arrays import TORCH_DTYPE, to_numpy, to_torch
from ...sides.trace import Feed, Trace
from ..cases.averages import INPUTS, OUTPUTS, STEPS, AverageCase
from ..cases.schedules import ScheduleCase
from .schedules import schedule_sides


class AveragedModelSide:
    """An AveragedModel of a Linear with two buffers, whose numbers `feed` holds."""

    def __init__(self, averaged: type, case, tree):
        self.averaged = averaged
        self.case = case
        self.tree = tree

    def run(self, feed: Feed) -> Trace:
        model = self._model(feed.dtype)
        options = {"use_buffers": self.case.use_buffers}
        if self.case.average:
            make = getattr(self.tree.optim.swa_utils, self.case.average)
            kind = "multi_avg_fn" if "multi" in self.case.average else "avg_fn"
            options[kind] = make(*self.case.options)
        averaged = self.averaged(model, **options)
        trace, inner = Trace(), self.case.inner_roundoff / unit_roundoff(feed.dtype)
        for step in range(1, STEPS + 1):
            before = _state(averaged)
            self._train(model, feed.inputs[3 * (step - 1) : 3 * step], step)
            averaged.update_parameters(model)
            for name, value in _state(averaged).items():
                trace[f"step {step}: {name}"] = value
                moved = Size.of(value - before[name]) * inner
                if value.dtype == feed.dtype:
                    trace.carriers[f"step {step}: {name}"] = moved
        trace["output"] = self._output(averaged, feed.inputs[-1])
        trace.carriers["output"] = Size.of(trace["output"]) * inner
        return trace

    def _model(self, dtype):
        torch_side = self.tree is torch_ref
        model = self.tree.nn.Linear(INPUTS, OUTPUTS)
        buffers = {"offset": np.zeros(OUTPUTS, dtype)}
        if self.case.counts:
            buffers["seen"] = np.zeros((), np.int64)
        for name, value in buffers.items():
            model.register_buffer(name, to_torch(value) if torch_side else value)
        return model.to(TORCH_DTYPE[dtype] if torch_side else dtype)

    def _train(self, model, numbers, step: int) -> None:
        """What a training would do to the model between two averages."""
        weight, bias, offset = numbers
        if self.tree is torch_ref:
            weight, bias, offset = map(to_torch, numbers)
        model.weight.data[...] = weight
        model.bias.data[...] = bias
        model.offset[...] = offset
        if self.case.counts:
            model.seen[...] = 3 * step

    def _output(self, averaged, x) -> np.ndarray:
        if self.tree is torch_ref:
            with torch.no_grad():
                return to_numpy(averaged(to_torch(x)))
        return averaged(x)[0]


def _state(averaged) -> dict[str, np.ndarray]:
    return {k: np.array(to_numpy(v)) for k, v in averaged.state_dict().items()}


class AverageSide:
    """A function that makes an average of arrays, or of lists of arrays in place."""

    def __init__(self, make, arguments: tuple, tree):
        self.make = make
        self.arguments = arguments
        self.tree = tree

    def run(self, feed: Feed) -> Trace:
        convert = to_torch if self.tree is torch_ref else np.copy
        average = self.make(*self.arguments)
        first, *others = (convert(x) for x in feed.inputs)
        averaged, trace = first, Trace()
        for n, current in enumerate(others, 1):
            if "multi" in self.make.__name__:
                average([averaged], [current], n)
            else:
                averaged = average(averaged, current, n)
            trace[f"step {n}: average"] = np.array(to_numpy(averaged))
        return trace


def averaging_sides(concept, case, dice, seed, device):
    if isinstance(case, ScheduleCase):
        return schedule_sides(concept, case, dice, seed, device)
    pairs = (concept.scratch, scratch), (concept.torch, torch_ref)
    if isinstance(case, AverageCase):
        sides = [AverageSide(make, case.arguments, tree) for make, tree in pairs]
    else:
        sides = [AveragedModelSide(kind, case, tree) for kind, tree in pairs]
    return *sides, Feed(np.dtype(np.float64), case.draw(dice), seed=seed), []
