"""`twofold.judge`: is a kernel that somebody, or something, wrote equal to a reference?

Both are files in KernelBench's form. The reference is run here; the candidate in a
process of its own, which is told nothing but numbers.
"""

import shlex
import time
from contextlib import suppress
from pathlib import Path

import torch

from ...sides.apart.process import LEAST_MEMORY, Limits, hidden, nursery
from ...sides.threads import threads
from . import called
from .judging import FINER, MODES, Judging
from .problem import Problem, WrongOption, sized, staying
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
        as_given: inputs are what `get_inputs` makes, with another seed in every draw:
            for what is symmetric, triangular, sorted, or of one size only.
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
        WrongOption: a `ValueError`: an option that cannot be.
    """
    started = time.perf_counter()
    if dtype not in FINER:
        raise WrongOption(f"dtype: one of {', '.join(FINER)} was expected, got {dtype}")
    if mode not in MODES:
        raise WrongOption(f"mode: train, eval or both was expected, got {mode!r}")
    if draws < 1:
        raise WrongOption(f"draws: a positive int was expected, got {draws}")
    if memory < LEAST_MEMORY:
        raise WrongOption(
            f"memory: Python with torch needs {LEAST_MEMORY} GiB, got {memory:g}"
        )
    called.require_known(allow, forbid)
    try:
        source = Path(candidate).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise WrongOption(f"{candidate}: {error.strerror}") from None
    nursery()  # starts while the reference is made
    rng = torch.random.fork_rng(devices=[])
    with threads(1), rng, hidden(), staying(reference):
        problem = Problem(reference, sizes or {}, seed)
        with suppress(SyntaxError):  # the candidate's own process will say so
            source = sized(source, sizes or {}, "candidate", needed=False)
        judging = Judging(problem, dtype, device, forward_only, seed)
        judging.prepare(draws, as_given, mode)
        report = judging.judge(source, Limits(limit, memory, device), allow, forbid)
    report.seconds = time.perf_counter() - started
    report.command = shlex.join(["twofold", "judge", str(reference), str(candidate)])
    return report
