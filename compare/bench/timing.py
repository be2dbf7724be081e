"""Time by hand against time of PyTorch eager, as a ratio.

Both sides are timed in turns within one run, several rounds, medians: machines differ
and drift, a ratio much less. Some milliseconds lie between the two libraries, since
each keeps its threads spinning for a while and slows the other.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from twofold import scratch, torch_ref

from ..sides.threads import threads as on_threads
from .workloads.spec import Workload

SECONDS_A_ROUND = 0.05
PAUSE = 0.005


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
