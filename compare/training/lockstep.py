"""Two training loops side by side, one update at a time.

An `Experiment` is one side's half of a lesson: model, criterion, optimiser and loop,
built by one function for both sides, since both have the same names. `Lockstep` walks
the two loops together and measures, after every update, how far apart loss, gradients,
weights and optimiser state are.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import torch

from ..sides.arrays import to_numpy


@dataclass
class Experiment:
    """One side's half of a lesson.

    `keepers` are what must survive an interruption beside model and optimiser, by name:
    schedules, early stopping; anything with `state_dict` and `load_state_dict`.
    """

    model: object
    criterion: object
    optimizer: object
    loop: Iterator
    x: object
    y: object
    x_test: object = None
    y_test: object = None
    steps_per_epoch: int = 1
    epochs: int = 1
    max_norm: float | None = None
    keepers: dict[str, object] = field(default_factory=dict)

    @property
    def steps(self) -> int:
        """How many updates there will be, unless the training ends early."""
        return self.steps_per_epoch * self.epochs

    @cached_property
    def parameters(self) -> dict[str, object]:
        """The model's parameters by name; asked for at every step, found once."""
        return dict(self.model.named_parameters())


@dataclass(frozen=True)
class Stop:
    """Where the walk is after an update, and what both sides say there."""

    number: int  # updates so far, from 1
    epoch: int
    batch: np.ndarray
    mine: float  # losses, before the update
    reference: float
    differences: dict[str, float]  # relative RMS difference by tensor
    last: bool = False  # of its epoch

    @property
    def finite(self) -> bool:
        return np.isfinite(self.mine) and np.isfinite(self.reference)


@dataclass
class Clock:
    """Seconds spent, by what they were spent on."""

    seconds: dict[str, float] = field(default_factory=dict)

    def add(self, what: str, started: float) -> float:
        now = time.perf_counter()
        self.seconds[what] = self.seconds.get(what, 0.0) + now - started
        return now

    def __getitem__(self, what: str) -> float:
        return self.seconds.get(what, 0.0)


class Lockstep:
    """Walks both loops, `mine` first. `clock` tells what each part took."""

    def __init__(self, mine: Experiment, reference: Experiment, number: int = 0):
        self.mine = mine
        self.reference = reference
        self.clock = Clock()
        self.number = number  # of updates made, on either side

    def __iter__(self) -> Iterator[Stop]:
        clock = self.clock
        while True:
            now = time.perf_counter()
            a = next(self.mine.loop, None)
            now = clock.add("scratch", now)
            b = next(self.reference.loop, None)
            now = clock.add("torch", now)
            if a is None or b is None:
                self._refuse_unequal_ends(a, b)
                return
            self.number += 1
            batch = to_numpy(b.batch)
            if not np.array_equal(a.batch, batch):
                raise RuntimeError(f"step {self.number}: the two sides' batches differ")
            differences = relative_differences(
                tensors(self.mine), tensors(self.reference)
            )
            stop = Stop(
                self.number, b.epoch, batch, a.loss, b.loss, differences, b.last
            )
            clock.add("compare", now)
            yield stop

    def _refuse_unequal_ends(self, a, b) -> None:
        if (a is None) != (b is None):
            side = "scratch" if a is None else "torch_ref"
            raise RuntimeError(f"step {self.number + 1}: only {side} has ended")


def tensors(side: Experiment) -> dict[str, np.ndarray]:
    """Every gradient, weight and array of optimiser state, by name."""
    found = {}
    for name, p in side.parameters.items():
        if p.grad is not None:
            found[f"grad/{name}"] = as_array(p.grad)
        found[f"weight/{name}"] = as_array(p.data)
        for key, value in side.optimizer.state.get(p, {}).items():
            if key != "step" and value is not None:
                found[f"{key}/{name}"] = as_array(value)
    return found


def as_array(x) -> np.ndarray:
    """The memory of a tensor or array, not a copy of it (unless it is on a GPU)."""
    if not isinstance(x, torch.Tensor):
        return x
    x = x.detach() if x.requires_grad else x
    return x.numpy() if x.device.type == "cpu" else x.cpu().numpy()


def relative_differences(mine: dict, reference: dict) -> dict[str, float]:
    """RMS(mine - reference) / RMS(reference) of every tensor.

    All tensors are laid end to end, so that a step costs a few operations on one long
    array and not a few on each of many short ones.
    """
    names = [name for name in reference if name in mine]
    if not names:
        return {}
    sizes = [reference[name].size for name in names]
    starts = np.cumsum([0, *sizes[:-1]])
    r = np.concatenate([reference[name].reshape(-1) for name in names])
    c = np.concatenate([mine[name].reshape(-1) for name in names])
    with np.errstate(all="ignore"):
        c -= r
        np.multiply(c, c, out=c)
        np.multiply(r, r, out=r)
        apart = np.sqrt(np.add.reduceat(c, starts))
        there = np.sqrt(np.add.reduceat(r, starts))
        relative = np.where(apart == 0, 0, apart / there)
    return dict(zip(names, map(float, relative), strict=True))


def snapshot(side: Experiment) -> np.ndarray:
    """All weights as one array, copied."""
    return np.concatenate(
        [as_array(p.data).reshape(-1) for p in side.parameters.values()]
    ).astype(np.float64)


def initial_differences(mine: Experiment, reference: Experiment) -> list[str]:
    """The parameters whose initial values are not equal bit for bit."""
    theirs = reference.parameters
    return [
        name
        for name, p in mine.parameters.items()
        if not np.array_equal(p.data, to_numpy(theirs[name]))
    ]


def copy_weights(mine: Experiment, reference: Experiment) -> None:
    """For a build of PyTorch whose random stream differs from the one written here."""
    state = {k: to_numpy(v) for k, v in reference.model.state_dict().items()}
    mine.model.load_state_dict(state)
