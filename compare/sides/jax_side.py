"""Functions of JAX arrays: gradients by `jax.vjp`."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .arrays import array_inputs, keep
from .gradients import carrier_of, lost_numbers
from .scratch_side import array_options
from .trace import Feed, Trace, flatten, nest, over


class MissingJax(ImportError):
    """JAX is not installed; the message says how it is."""


@dataclass(frozen=True)
class JaxFunction:
    """What `twofold.jax` makes of a function."""

    function: Callable


def jax_function(function: Callable) -> JaxFunction:
    """A function of JAX arrays as a side of `check`: gradients are those of `jax.vjp`.

    Raises MissingJax where JAX is not installed, TypeError for what is no function.
    """
    if not callable(function):
        kind = type(function).__name__
        raise TypeError(f"jax: a function of JAX arrays was expected, got {kind}")
    _import_jax()
    return JaxFunction(function)


def _import_jax():
    try:
        import jax
    except ImportError:
        raise MissingJax(
            "twofold.jax needs the package jax: pip install '.[jax]'"
        ) from None
    return jax


class JaxSide:
    """Runs in float64 as well, whatever JAX's default is."""

    def __init__(self, subject: JaxFunction, names: list[str]):
        self.subject = subject
        self.names = names

    def make(self, feed: Feed):
        return self.subject.function

    def run_twice(self, feed: Feed) -> tuple[Trace, Trace]:
        return self.run(feed), self.run(feed)

    def run(self, feed: Feed) -> Trace:
        jax = _import_jax()
        before = jax.config.jax_enable_x64
        jax.config.update("jax_enable_x64", True)
        try:
            return self._run(jax, feed)
        finally:
            jax.config.update("jax_enable_x64", before)

    def _run(self, jax, feed: Feed) -> Trace:
        own = array_inputs(feed)

        def to_jax(x):
            return jax.numpy.asarray(x) if isinstance(x, np.ndarray) else x

        inputs = over(to_jax, own)
        options = {name: to_jax(x) for name, x in array_options(feed).items()}
        wanted = feed.differentiable or (True,) * len(inputs)
        chosen = [i for i, x in enumerate(inputs) if wanted[i] and _is_inexact(jax, x)]

        def of_chosen(*values):
            arguments = list(inputs)
            for i, value in zip(chosen, values, strict=True):
                arguments[i] = value
            return self.subject.function(*arguments, **options)

        trace = Trace()
        if feed.forward_only or not chosen:
            for name, y in flatten(self.subject.function(*inputs, **options)):
                keep(trace, name, y)
            return trace
        output, back = jax.vjp(of_chosen, *(inputs[i] for i in chosen))
        for name, y in flatten(output):
            keep(trace, name, y)
        if feed.upstream_fits(trace.values()):
            given = zip(flatten(output), feed.upstream, strict=True)
            dys = (jax.numpy.asarray(dy).astype(y.dtype) for (_, y), dy in given)
            gradients = back(nest(output, dys))
            carrier = carrier_of(feed)
            for i, dx in zip(chosen, gradients, strict=True):
                for path, part in flatten(dx, self.names[i]):
                    keep(trace, f"grad of {path}", part)
                    trace.carriers[f"grad of {path}"] = carrier
        for name, written in lost_numbers(feed.inputs, own, self.names):
            trace[f"write to {name}"] = written
        return trace


def _is_inexact(jax, x) -> bool:
    leaves = jax.tree_util.tree_leaves(x)
    return bool(leaves) and all(
        hasattr(leaf, "dtype") and jax.numpy.issubdtype(leaf.dtype, jax.numpy.inexact)
        for leaf in leaves
    )
