"""Which input does a returned gradient belong to? What a way back may look like."""

import inspect
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from ..numerics.sizes import Size
from .arrays import array_dtype, keep, to_numpy
from .trace import NO_INPUT, Trace, flatten, is_floating, is_packed, named, nest


def upstream_of(output, trace: Trace, feed):
    """The gradients of the outputs, nested as they are; in bfloat16 where they came in
    it."""
    narrow = any(path in trace.narrowed for path, _ in flatten(output))
    dtype = array_dtype(feed) if narrow else None
    return nest(output, (np.array(dy, dtype) for dy in feed.upstream))


def carrier_of(feed) -> Size:
    """What a gradient may have been subtracted from.

    One that a saturated unit has made small was made so by subtracting from the
    upstream gradient (1 - tanh^2, 1 - p), and carries its rounding.
    """
    found = Size()
    for dy in feed.upstream:
        found |= Size.of(dy)
    return found


def walk_back(back: Callable, output, dys):
    """`back` of the gradients `dys`, nested as the output is.

    It takes one argument for each output or, as `jax.vjp`'s, one of their structure.
    The way back from a list of one, if it takes one argument, takes a list.
    """
    if not isinstance(output, tuple | list) or is_packed(output):
        return back(dys)
    one = isinstance(output, list) and len(dys) == 1 and not _takes(back, 2)
    if _takes(back, len(dys)) and not one:
        return back(*dys)
    return back(dys)


def _takes(function: Callable, count: int) -> bool:
    try:
        inspect.signature(function).bind(*range(count))
    except TypeError:
        return False
    except ValueError:  # a builtin that does not say
        return True
    return True


def assign(trace: Trace, gradients, names: list[str], inputs: tuple, feed) -> None:
    """Put what a way back returned into the trace, under the names of the inputs.

    One gradient for each array input, in order; or for each input of floats, where only
    those have any. One that is None or not there claims nothing, and is not compared.
    """
    wanted, carrier = feed.differentiable or (True,) * len(inputs), carrier_of(feed)
    leaves = list(_leaves(names, inputs, wanted))
    if isinstance(gradients, Mapping):
        gradients = [gradients.get(name) for name, _, _ in leaves]
    given = list(gradients) if _is_sequence(gradients) else [gradients]
    slots = _slots(leaves, given)
    for (name, x, wants), dx in zip(slots, given, strict=False):
        parts = list(flatten(dx, name))
        for path, part in parts:
            if wants:
                keep(trace, f"grad of {path}", part)
                trace.carriers[f"grad of {path}"] = carrier
        if not parts:
            for path, leaf in flatten(x, name):
                if wants and _has_gradient(leaf):
                    trace.unclaimed[f"grad of {path}"] = "mine returns none"
    for name, x, wants in slots[len(given) :]:
        for path, leaf in flatten(x, name):
            if wants and _has_gradient(leaf):
                trace.unclaimed[f"grad of {path}"] = "mine returns none"
    for path, part in flatten(given[len(slots) :] or None, NO_INPUT):
        keep(trace, path, part)


def _leaves(names, inputs, wanted) -> Iterator[tuple[str, object, bool]]:
    """Every input that may have a gradient: arrays, and nestings of them."""
    for name, x, wants in zip(names, inputs, wanted, strict=False):
        if is_packed(x):
            yield f"{name} 0", x[0], wants
        elif hasattr(x, "__array__") or isinstance(x, tuple | list | Mapping):
            yield name, x, wants


def _slots(leaves: list, given: list) -> list:
    """What the gradients stand for: all leaves, all arrays in them, or the floats."""
    if len(given) == len(leaves):
        return leaves
    flat = [(path, x, w) for n, nested, w in leaves for path, x in flatten(nested, n)]
    if len(given) == len(flat):
        return flat
    floats = [leaf for leaf in flat if _has_gradient(leaf[1])]
    return floats if len(given) == len(floats) else leaves


def _has_gradient(x) -> bool:
    dtype = getattr(x, "dtype", None)
    return is_floating(x) or "float" in str(dtype) or "complex" in str(dtype)


def _is_sequence(x) -> bool:
    return isinstance(x, tuple | list) and not is_packed(x)


def lost_numbers(before: tuple, after: tuple, names: list[str]) -> Iterator:
    """The inputs that a call has written to, with what stands there now."""
    pairs = zip(named(names, before), named(names, after), strict=False)
    for (path, old), (_, new) in pairs:
        if not isinstance(old, np.ndarray):
            continue
        new = to_numpy(new)
        if not np.array_equal(old, new, equal_nan=old.dtype.kind in "fc"):
            yield path, new
