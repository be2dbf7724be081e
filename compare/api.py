"""`compare.check` and `compare.assert_match`: is my code equal to PyTorch's?"""

import time

import numpy as np
import torch

import scratch

from .adapters import candidate_side, reference_side
from .explain import explain
from .parity import compare_draw
from .report import Report, Row, merge
from .sides import TORCH_DTYPE, input_names, to_numpy
from .tables import report_text
from .threads import threads
from .trace import Feed, is_floating


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

    Returns:
        A `Report`: `ok`, `verdict`, `first`, `cause`, `rows`, and more.

    Raises:
        TypeError: `mine` or `reference` is nothing that can be run.
    """
    started = time.perf_counter()
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
            found = compare_draw(candidate, theirs, feed, dtype)
            if failing is None and not all(row.ok for row in found):
                failing = feed, found
            rows = merge(rows, found)
        report = Report(_name(reference), rows, draws=draws)
        if failing is not None:
            feed, found = failing
            explain(report, candidate, theirs, feed, names, found, dtype)
    report.seconds = time.perf_counter() - started
    return report


def assert_match(mine, reference, *inputs, **options) -> None:
    """`check`, and an AssertionError with the table if the two do not match."""
    __tracebackhide__ = True
    report = check(mine, reference, *inputs, **options)
    if not report.ok:
        raise AssertionError(report_text(report))


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
        name: to_numpy(value).astype(np.float64)
        if value.dtype in TORCH_DTYPE.values()
        else to_numpy(value)
        for name, value in state
    }


def _name(reference) -> str:
    return getattr(reference, "__name__", type(reference).__name__)
