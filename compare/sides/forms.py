"""Anybody's code as a side: what `twofold.check` accepts, understood and made to run.

Either side may be a callable of arrays that returns `(y, back)`, a module of
`scratch.nn`, an object with `forward` and `backward`, an `nn.Module`, an
`autograd.Function` or its `apply`, a function of tensors, or `twofold.jax(f)`; where no
gradients are compared also a function that only computes y.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch

from twofold import scratch

from .arrays import array_inputs, to_numpy, torch_inputs
from .jax_side import JaxFunction, JaxSide
from .modules import (
    TorchSide,
    input_names,
    is_inexact,
    is_tensor,
    tensor_options,
    uncompiled,
)
from .objects import ObjectSide
from .rearrangement import Renaming, source
from .scratch_side import ScratchSide, array_options, is_both_ways
from .trace import Feed, Trace, flatten

FORMS = (
    "a callable f(*arrays) -> (y, back), a module of scratch.nn, an object with "
    "forward() and backward(), an nn.Module, an autograd.Function or its apply, a "
    "function of tensors, or twofold.jax(f)"
)


class Renamed:
    """A side whose parameters have names of their own, or another layout."""

    def __init__(self, inner, renaming: Renaming):
        self.inner = inner
        self.renaming = renaming

    @property
    def names(self) -> list[str]:
        return self.inner.names

    @property
    def other_names(self) -> dict[str, str]:
        """The reference's submodules that have other names in mine."""
        return self.renaming.submodules()

    def _own(self, feed: Feed) -> Feed:
        if not feed.parameters:
            return feed
        return replace(feed, parameters=self.renaming.mine(feed.parameters))

    def make(self, feed: Feed):
        return self.inner.make(self._own(feed))

    def run(self, feed: Feed) -> Trace:
        return self.renaming.home(self.inner.run(self._own(feed)))

    def run_twice(self, feed: Feed) -> tuple[Trace, Trace]:
        return tuple(map(self.renaming.home, self.inner.run_twice(self._own(feed))))


@dataclass(frozen=True)
class Role:
    """Which of the two a side is; errors say it."""

    name: str  # "mine" or "reference"
    device: str = "cpu"

    @property
    def is_mine(self) -> bool:
        return self.name == "mine"


def understand(thing, role: Role, feed: Feed):
    """What was handed in, as a side that runs on feeds like this one.

    Raises TypeError for what is none of the forms, and says what happened when arrays
    and when tensors were tried.
    """
    names = names_of(thing, len(feed.inputs))
    device = role.device
    if isinstance(thing, torch.nn.Module):
        return TorchSide.of(thing, names, device, watched=role.is_mine)
    if isinstance(thing, scratch.nn.Module):
        return ScratchSide.of(thing, names)
    if isinstance(thing, JaxFunction):
        return JaxSide(thing, names)
    function = _autograd_function(thing)
    if function is not None:
        return TorchSide(
            lambda dtype: function.apply, names, device, watched=role.is_mine
        )
    if isinstance(thing, type):
        raise TypeError(
            f"{role.name}: {thing.__name__} is a class; an instance was expected, as "
            f"{thing.__name__}(...)"
        )
    if hasattr(thing, "forward") and hasattr(thing, "backward"):
        return ObjectSide(thing, names)
    if not callable(thing):
        swapped = isinstance(thing, np.ndarray | torch.Tensor)
        order = "; the order is check(mine, reference, *inputs)" if swapped else ""
        raise TypeError(
            f"{role.name}: {FORMS} was expected, got {type(thing).__name__}{order}"
        )
    return _bare(thing, role, feed, names)


def _bare(function: Callable, role: Role, feed: Feed, names: list[str]):
    """A bare function is tried with arrays and with tensors."""
    by_array = ScratchSide(lambda dtype: function, names, lenient=True)
    by_tensor = TorchSide(
        lambda dtype: function, names, role.device, watched=role.is_mine
    )
    found = {}
    order = [("arrays", _arrays_serve), ("tensors", _tensors_serve)]
    for kind, serve in order if role.is_mine else reversed(order):
        found[kind] = serve(function, feed, role.device)
        if found[kind] == "":
            return by_array if kind == "arrays" else by_tensor
    raise TypeError(
        f"{role.name}: {FORMS} was expected.\n"
        f"  called with arrays: {found['arrays']}\n"
        f"  called with tensors: {found['tensors']}"
    )


def _arrays_serve(function: Callable, feed: Feed, device: str) -> str:
    """Why the function is none of arrays; empty if it is."""
    scratch.manual_seed(feed.seed)
    try:
        with np.errstate(all="ignore"):
            returned = function(*array_inputs(feed), **array_options(feed))
    except Exception as error:  # whatever their function may raise
        return _said(error)
    if is_both_ways(returned):
        return ""
    if isinstance(returned, torch.Tensor):
        return "it returned a Tensor"
    if feed.forward_only and not _holds_tensors(returned):
        return ""
    kind = type(returned).__name__
    return (
        f"it returned {kind}; (y, back), the output and a function from its gradient "
        "to that of the inputs, was expected (or gradients=False)"
    )


def _tensors_serve(function: Callable, feed: Feed, device: str) -> str:
    torch.manual_seed(feed.seed)
    try:
        inputs = torch_inputs(feed, device)
        for _, x in flatten(inputs):
            if not feed.forward_only and is_tensor(x) and is_inexact(x):
                x.requires_grad_()  # as they will be: not all takes such tensors
        returned = function(*inputs, **tensor_options(feed, device))
    except Exception as error:  # whatever their function may raise
        return _said(error)
    if is_both_ways(returned):
        return "it returned a pair (y, back), as functions of arrays do"
    if _holds_tensors(returned):
        return ""
    return f"it returned {type(returned).__name__}; a tensor was expected"


def _holds_tensors(returned) -> bool:
    if isinstance(returned, dict):
        returned = tuple(returned.values())
    if isinstance(returned, tuple | list):
        return any(_holds_tensors(item) for item in returned)
    return isinstance(returned, torch.Tensor)


def _said(error: Exception) -> str:
    first = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {first}"


def _autograd_function(thing):
    """The autograd.Function that this is, or whose `apply` it is."""
    owner = thing if isinstance(thing, type) else getattr(thing, "__self__", None)
    if isinstance(owner, type) and issubclass(owner, torch.autograd.Function):
        return owner
    return None


def names_of(thing, count: int) -> list[str]:
    """The names of the inputs, as the code declares them."""
    function = _autograd_function(thing)
    if function is not None:  # its first argument is ctx
        separate = "setup_context" in vars(function)
        declared = input_names(function.forward, count + (not separate))
        return declared if separate else declared[1:]
    if isinstance(thing, JaxFunction):
        return input_names(thing.function, count)
    return input_names(getattr(thing, "forward", thing), count)


# Parameters.


def own_state(thing) -> dict[str, np.ndarray] | None:
    """Parameters and buffers by name; None of what has no names for them."""
    if isinstance(thing, torch.nn.Module):
        thing = uncompiled(thing)
        pairs = [*thing.named_parameters(), *thing.named_buffers()]
        return {name: to_numpy(x) for name, x in pairs}
    if isinstance(thing, scratch.nn.Module):
        return {name: to_numpy(x) for name, x in thing.state_dict().items()}
    if hasattr(thing, "forward") and hasattr(thing, "backward"):
        return {n: x for n, x in vars(thing).items() if isinstance(x, np.ndarray)}
    return None


def parameter_names(thing) -> set[str]:
    if isinstance(thing, torch.nn.Module):
        thing = uncompiled(thing)
    if isinstance(thing, torch.nn.Module | scratch.nn.Module):
        return {name for name, _ in thing.named_parameters()}
    return set(own_state(thing) or {})


def renaming(mine, reference, parameters: dict) -> Renaming:
    """How my parameters come from the reference's.

    Raises ValueError where names do not meet: a parameter that only one side has.
    """
    theirs, own = own_state(reference), own_state(mine)
    if parameters and not theirs:
        raise ValueError(
            f"parameters: {', '.join(parameters)} were mapped, but the reference has "
            "no parameters"
        )
    if parameters and own is None:
        raise ValueError(
            f"parameters: {', '.join(parameters)} were mapped, but mine is a function "
            "and has no parameters"
        )
    shapes = {name: x.shape for name, x in (theirs or {}).items()}
    sources = [source(name, entry, shapes) for name, entry in parameters.items()]
    for s in sources:
        if own and s.mine not in own:
            raise ValueError(
                f"parameters: mine has no {s.mine!r}, but {', '.join(own)}"
            )
    if own is None or not theirs:
        return Renaming(sources)
    moved = {name for s in sources for name in s.theirs}
    here = parameter_names(mine) | set(own)
    known = parameter_names(reference)
    missing = [n for n in theirs if n in known and n not in moved]
    missing = [n for n in missing if n not in here]
    if missing:
        raise ValueError(
            f"mine has no parameter {missing[0]!r}, but {list(own)}; map names with "
            "parameters={mine: reference}"
        )
    return Renaming(sources)
