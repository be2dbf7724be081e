"""Time by hand against time of PyTorch eager, as a ratio.

Both sides are timed in turns within one run, several rounds, medians: machines differ
and drift, a ratio much less. Some milliseconds lie between the two libraries, since
each keeps its threads spinning for a while and slows the other.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import scratch
import torch_ref

from .sides import to_torch
from .threads import threads as on_threads

SECONDS_A_ROUND = 0.05
PAUSE = 0.005


@dataclass(frozen=True)
class Workload:
    """Something to time: `make(tree)` returns a function that does it once."""

    name: str
    make: Callable


@dataclass(frozen=True)
class Timing:
    """Median seconds of one repetition on either side."""

    name: str
    scratch: float
    torch: float

    @property
    def ratio(self) -> float:
        return self.scratch / self.torch


def measure(
    workload: Workload, rounds: int, threads: int, progress: Callable[[], None]
) -> Timing:
    with on_threads(threads):
        functions = [workload.make(scratch), workload.make(torch_ref)]
        repetitions = [_repetitions(function) for function in functions]
        seconds = [[], []]
        for _ in range(rounds):
            for side, function in enumerate(functions):
                time.sleep(PAUSE)
                started = time.perf_counter()
                for _ in range(repetitions[side]):
                    function()
                spent = time.perf_counter() - started
                seconds[side].append(spent / repetitions[side])
            progress()
    return Timing(workload.name, *(statistics.median(s) for s in seconds))


def _repetitions(function: Callable) -> int:
    function()
    started = time.perf_counter()
    for _ in range(5):
        function()
    return max(1, round(SECONDS_A_ROUND * 5 / (time.perf_counter() - started)))


def _mlp_step(sizes, batch: int, optimiser: Callable) -> Callable:
    def make(tree):
        rng = np.random.default_rng(0)
        x = rng.standard_normal((batch, sizes[0])).astype(np.float32)
        y = rng.integers(0, sizes[-1], batch)
        if tree is torch_ref:
            x, y = to_torch(x), to_torch(y)
        x = tree.detach(x)  # data: neither side computes its gradient
        tree.manual_seed(0)
        model = tree.models.MLP(sizes)
        criterion = tree.nn.CrossEntropyLoss()
        optimizer = optimiser(tree, model.parameters())
        return lambda: tree.training.update(model, criterion, optimizer, x, y)

    return make


SIZES = (784, 256, 128, 10)
LABEL = "MLP 784-256-128-10, batch 64, float32: step with "

WORKLOADS = [
    Workload(
        LABEL + "SGD, momentum",
        _mlp_step(SIZES, 64, lambda t, p: t.optim.SGD(p, lr=0.01, momentum=0.9)),
    ),
    Workload(LABEL + "Adam", _mlp_step(SIZES, 64, lambda t, p: t.optim.Adam(p))),
]
