"""`twofold.judge`: is a kernel that somebody, or something, wrote equal to a reference?

Both are files in KernelBench's form. The reference is run here; the candidate in a
process of its own, which is told nothing but numbers.
"""

import shlex
import time
from contextlib import suppress
from pathlib import Path

import torch

from ...sides.apart.process import Limits, hidden, nursery
from ...sides.threads import threads
from .judging import FINER, MODES, Judging
from .problem import Problem, sized
from .report import KernelReport


def judge(
    reference: str | Path,
    candidate: str | Path,
    *,
    sizes: dict[str, object] | None = None,
    draws: int = 4,
    dtype: str = "float32",
    device: str = "cpu",
    forward_only: bool = False,
    as_given: bool = False,
    mode: str = "both",
    limit: float = 60.0,
    memory: float = 8.0,
    allow: tuple[str, ...] = (),
    forbid: tuple[str, ...] = (),
    seed: int = 0,
) -> KernelReport:
    """Judge the kernel in the file `candidate` by the model in the file `reference`.

    Args:
        reference: has `class Model(nn.Module)`, `get_inputs()` and, if it takes
            arguments, `get_init_inputs()`. It is imported here.
        candidate: has `ModelNew` (or `Model`). It never runs in this process.
        sizes: other values of names that are assigned at the top of the reference, and
            of the candidate where it has them.
        draws: how many; the first has inputs and parameters as the file makes them.
        dtype: "float32", "float16", "bfloat16" or "float64", the working precision.
        device: where both run.
        forward_only: gradients are not compared.
        as_given: shapes and orders in memory as `get_inputs` makes them, in every draw.
        mode: "train", "eval", or "both" in turns.
        limit: seconds of one call of the candidate; all together may take ten times it.
        memory: GiB for the candidate.
        allow: operations of torch that the candidate may call, and no others, as
            patterns such as "mm" or "*softmax*".
        forbid: operations that it must not call.
        seed: of everything random.

    Returns:
        A `KernelReport`; `ok`, `verdict`, `first`, `cause` and so on.

    Raises:
        BrokenReference: a `ValueError`: there is nothing to judge by.
        ValueError: an option that cannot be.
    """
    started = time.perf_counter()
    if dtype not in FINER:
        raise ValueError(f"dtype: one of {', '.join(FINER)} was expected, got {dtype}")
    if mode not in MODES:
        raise ValueError(f"mode: train, eval or both was expected, got {mode!r}")
    if draws < 1:
        raise ValueError(f"draws: a positive int was expected, got {draws}")
    source = Path(candidate).read_text(encoding="utf-8", errors="replace")
    nursery()  # starts while the reference is made
    with threads(1), torch.random.fork_rng(devices=[]), hidden():
        problem = Problem(reference, sizes or {}, seed)
        with suppress(SyntaxError):  # the candidate's own process will say so
            source = sized(source, sizes or {}, "candidate", needed=False)
        judging = Judging(problem, dtype, device, forward_only, seed)
        judging.prepare(draws, as_given, mode)
        report = judging.judge(source, Limits(limit, memory, device), allow, forbid)
    report.seconds = time.perf_counter() - started
    report.command = shlex.join(["twofold", "judge", str(reference), str(candidate)])
    return report
