"""What a candidate does beside giving back numbers: functions replaced, calls made."""

import builtins
import math
import os
import sys
import time
from collections import Counter

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

WATCHED = {
    "torch": torch,
    "torch.nn.functional": torch.nn.functional,
    "torch.Tensor": torch.Tensor,
    "torch.nn.Module": torch.nn.Module,
    "torch.nn.Parameter": torch.nn.Parameter,
    "torch.autograd": torch.autograd,
    "torch.autograd.Function": torch.autograd.Function,
    "torch.testing": torch.testing,
    "torch.linalg": torch.linalg,
    "torch.random": torch.random,
    "torch.cuda": torch.cuda,
    "torch.cuda.Event": torch.cuda.Event,
    "builtins": builtins,
    "math": math,
    "time": time,
}


TORCH = os.path.dirname(torch.__file__)
_NEW = object()
_OF_PYTHON = {"__doc__", "__module__", "__dict__", "__annotations__"}
FUNCTIONAL = {name for name in vars(torch.nn.functional) if name[0] != "_"}


def public() -> dict[str, dict[str, object]]:
    """What belongs to each that is watched, as it is now."""
    return {path: dict(vars(owner)) for path, owner in WATCHED.items()}


def replaced(before: dict[str, dict[str, object]]) -> list[str]:
    """The public functions, and Python's operators, that are no longer what they were.

    A name that is new in a class counts where it hides one of the class's bases.
    """
    found = []
    for path, owner in WATCHED.items():
        known = before[path]
        for name, value in vars(owner).items():
            was = known.get(name, _NEW)
            if was is value or _wrapped_by_torch(value, was):
                continue
            operator = name.startswith("__") and isinstance(owner, type)
            if (name.startswith("_") and not operator) or name in _OF_PYTHON:
                continue
            hides = isinstance(owner, type) and any(
                name in vars(base) for base in owner.__mro__[1:]
            )
            if was is not _NEW or hides:
                found.append(f"{path}.{name}")
    return found


def _wrapped_by_torch(now, before) -> bool:
    """torch's compiler, once it is loaded, wraps functions of torch's own."""
    code = getattr(now, "__code__", None)
    if code is None or not code.co_filename.startswith(TORCH):
        return False
    return (
        getattr(now, "__wrapped__", None) is before or "/_dynamo/" in code.co_filename
    )


class Operations(TorchDispatchMode):
    """Counts the operations of torch that run, below autograd, forward and backward."""

    def __init__(self):
        super().__init__()
        self.counts = {"forward": Counter(), "backward": Counter()}
        self.way = "forward"

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Else torch loads its compiler, which takes seconds, at the first call."""
        return False

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.counts[self.way][func._schema.name] += 1
        return func(*args, **(kwargs or {}))


def operations() -> tuple[Operations, bool]:
    """What counts operations, and whether torch's compiler is at work here: it would
    compile what counts as well, if that did not say that it must not.
    """
    if "torch._dynamo" not in sys.modules:
        return Operations(), False

    class Uncompiled(Operations):
        @classmethod
        def _should_skip_dynamo(cls) -> bool:
            return True

        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            return Operations.__torch_dispatch__(self, func, types, args, kwargs)

    return Uncompiled(), True


class Functions(TorchFunctionMode):
    """Counts calls of `torch.nn.functional`, by the names that a user writes."""

    def __init__(self, counts: Counter):
        super().__init__()
        self.counts = counts

    def __torch_function__(self, func, types, args=(), kwargs=None):
        name = getattr(func, "__name__", "")
        if name in FUNCTIONAL:
            self.counts[f"functional::{name}"] += 1
        return func(*args, **(kwargs or {}))
