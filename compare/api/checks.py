"""`twofold.check` and `twofold.assert_match`: is my code equal to the other's?"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import ParamSpec

import numpy as np

from ..numerics.dtypes import precision
from ..report.report import Report
from .checking import LOCK, Check

P = ParamSpec("P")


def check(
    mine,
    reference,
    *inputs,
    gradients: bool | tuple[str, ...] | list[str] = True,
    parameters: Mapping | None = None,
    keywords: Mapping | None = None,
    training: bool = False,
    dtype=np.float32,
    draws: int = 4,
    make: Callable[[np.random.Generator], tuple] | None = None,
    seed: int = 0,
    device: str = "cpu",
    float64: bool = True,
) -> Report:
    """Compare `mine` with `reference` on `inputs`: outputs, and every gradient.

    Both run in float64, where only a mistake can make a difference, and in `dtype`,
    where precision is judged. The upstream gradient is random.

    Either side may be a callable `f(*arrays) -> (y, back)`, a module of `scratch.nn`,
    an object with `forward` and `backward`, an `nn.Module`, an `autograd.Function` or
    its `apply`, a function of tensors, `twofold.jax(f)`, or with `gradients=False` a
    function that only computes y. Parameters are those of the reference; they are given
    to mine by name.

    Args:
        mine: the code to be judged.
        reference: what it should equal.
        *inputs: arrays or tensors, or nested tuples, lists and dicts of them.
        gradients: whether gradients are compared, or those of which inputs; one that is
            named must be there, others only where both sides give them.
        parameters: my names of parameters and buffers to the reference's; or to a pair
            of a name, or several, and a rearrangement, as `lambda w: w.T`.
        keywords: further arguments of both calls.
        training: whether modules are in training mode.
        dtype: the working precision: float64 (which leaves its stage out), float32,
            float16 or bfloat16, of NumPy's or torch's, or a name.
        draws: the first with the inputs as given, the others with fresh ones, at other
            scales and in other orders in memory, and with parameters moved.
        make: makes the inputs of such a draw, where they must have a form of their own.
        seed: of everything random.
        device: where tensors live.
        float64: whether mine can run in float64. A kernel that cannot is judged in
            `dtype` alone.

    Returns:
        A `Report`: `ok`, `verdict`, `first`, `cause`, `rows`, `notes`, and more.

    Raises:
        TypeError: `mine` or `reference` is nothing that can be run.
        ValueError: parameters that do not meet, a mapping that computes, a `dtype`, a
            number of `draws` or a name in `gradients` that cannot be.
    """
    with LOCK:
        return Check(
            mine,
            reference,
            inputs,
            gradients=gradients,
            parameters=dict(parameters or {}),
            keywords=dict(keywords or {}),
            training=training,
            precision=precision(dtype),
            draws=draws,
            make=make,
            seed=seed,
            device=device,
            float64=float64,
        ).report()


def _asserting(compare: Callable[P, Report]) -> Callable[P, None]:
    """The same call, with the same arguments, which raises where it is no match."""

    @wraps(compare)
    def assert_match(*args: P.args, **options: P.kwargs) -> None:
        __tracebackhide__ = True
        report = compare(*args, **options)
        if not report.ok:
            raise AssertionError(str(report))

    assert_match.__name__ = assert_match.__qualname__ = "assert_match"
    assert_match.__doc__ = "`check`, and an AssertionError with the table if it fails."
    return assert_match


assert_match = _asserting(check)
