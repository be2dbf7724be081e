"""`twofold.check` and `twofold.assert_match`: is my code equal to PyTorch's?"""

import time

import numpy as np
import torch

from twofold import scratch

from .judge.draw import compare_draw, compare_narrow
from .judge.explain import explain
from .judge.row import Row, merge
from .report.report import Report
from .sides.adapters import candidate_side, reference_side, require_names
from .sides.modules import TORCH_DTYPE, input_names, to_numpy
from .sides.threads import threads
from .sides.trace import Feed, is_floating


def check(
    mine,
    reference,
    *inputs,
    parameters: dict[str, str] | None = None,
    keywords: dict | None = None,
    training: bool = False,
    dtype=np.float32,
    draws: int = 1,
    seed: int = 0,
    device: str = "cpu",
    float64: bool = True,
) -> Report:
    """Compare `mine` with `reference` on `inputs`: outputs, and every gradient.

    Both run in float64, where only a mistake can make a difference, and in `dtype`,
    where precision is judged. The upstream gradient is random. Parameters are those of
    the reference; they are given to mine by name.

    Args:
        mine: a callable with `mine(*arrays) -> (y, back)`, a module made of
            `scratch.nn`, or an object with `forward` and `backward`.
        reference: an `nn.Module`, a function of tensors, or an `autograd.Function`.
        *inputs: arrays or tensors; gradients are compared for those of floats.
        parameters: my names of parameters to the reference's, where they differ.
        keywords: further arguments of both calls.
        training: whether modules are in training mode.
        dtype: the working precision; float64 leaves its stage out.
        draws: further draws replace the inputs of floats by normal ones of the same
            mean and standard deviation.
        seed: of everything random.
        device: where the reference runs.
        float64: whether mine can run in float64. A kernel that cannot is judged in
            `dtype` alone, where nobody can say who is wrong, nor whether a difference
            is a mistake or a loss of precision.

    Returns:
        A `Report`: `ok`, `verdict`, `first`, `cause`, `rows`, and more.

    Raises:
        TypeError: `mine` or `reference` is nothing that can be run, or returns what is
            no array or tensor, nor nested tuples of them.
        ValueError: a parameter of the reference that mine does not have under that
            name; a `dtype` or a number of `draws` that cannot be.
    """
    started = time.perf_counter()
    if np.dtype(dtype) not in TORCH_DTYPE:
        known = ", ".join(map(str, TORCH_DTYPE))
        raise ValueError(f"dtype: one of {known} was expected, got {np.dtype(dtype)}")
    if not float64 and np.dtype(dtype) == np.float64:
        raise ValueError("dtype: a narrower one than float64 is needed without float64")
    if draws < 1:
        raise ValueError(f"draws: a positive int was expected, got {draws}")
    require_names(mine, reference, parameters or {})
    arrays = tuple(_as_array(x) for x in inputs)
    forward = getattr(reference, "forward", reference)
    names = input_names(forward, len(arrays))
    if isinstance(reference, type):  # an autograd.Function: its first argument is ctx
        names = input_names(forward, len(arrays) + 1)[1:]
    candidate = candidate_side(mine, names, parameters or {})
    theirs = reference_side(reference, names, device)
    rows: list[Row] = []
    failing = None
    with (
        threads(1),
        torch.random.fork_rng(devices=[]),
        scratch.random.fork_rng(),
    ):
        for draw in range(draws):
            feed = Feed(
                np.dtype(np.float64),
                _drawn(arrays, seed, draw),
                _parameters(reference),
                training=training,
                seed=seed + draw,
                options=keywords or {},
            )
            feed = Feed(**{**vars(feed), "upstream": theirs.upstream(feed)})
            compare = compare_draw if float64 else compare_narrow
            found = compare(candidate, theirs, feed, dtype)
            if failing is None and not all(row.ok for row in found):
                failing = feed, found
            rows = merge(rows, found)
        report = Report(_name(reference), rows, draws=draws)
        if failing is not None:
            feed, found = failing
            if float64:
                report.explain(explain(candidate, theirs, feed, names, found, dtype))
                report.notes += _hints(found)
            else:
                report.cause = "unsettled"
                rounded = feed.cast(np.dtype(dtype))
                report.traces = candidate.run(rounded), theirs.run(rounded)
    report.seconds = time.perf_counter() - started
    return report


def assert_match(mine, reference, *inputs, **options) -> None:
    """`check`, and an AssertionError with the table if the two do not match."""
    __tracebackhide__ = True
    report = check(mine, reference, *inputs, **options)
    if not report.ok:
        raise AssertionError(str(report))


def _hints(rows: list[Row]) -> list[str]:
    narrow = any("expected float64" in row.judgement.reason for row in rows)
    return ["if mine cannot run in float64: check(..., float64=False)"] * narrow


def _as_array(x):
    x = to_numpy(x) if isinstance(x, torch.Tensor) else x
    if isinstance(x, np.ndarray | np.generic | list | float):
        x = np.asarray(x)
        return x.astype(np.float64) if is_floating(x) else x
    return x


def _drawn(arrays: tuple, seed: int, draw: int) -> tuple:
    if draw == 0:
        return arrays
    rng = np.random.default_rng([seed, draw])
    return tuple(
        np.asarray(x.mean() + x.std() * rng.standard_normal(x.shape))
        if is_floating(x) and x.size
        else x
        for x in arrays
    )


def _parameters(reference) -> dict[str, np.ndarray]:
    if not isinstance(reference, torch.nn.Module):
        return {}
    state = [*reference.named_parameters(), *reference.named_buffers()]
    return {
        name: to_numpy(value.double() if value.is_floating_point() else value)
        for name, value in state
    }


def _name(reference) -> str:
    return getattr(reference, "__name__", type(reference).__name__)
