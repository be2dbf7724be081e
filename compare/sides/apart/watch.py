"""What a candidate does beside giving back numbers: functions replaced, calls made."""

import builtins
import inspect
import math
import os
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


FUNCTIONAL = {name for name in vars(torch.nn.functional) if name[0] != "_"}


def public() -> dict[str, object]:
    """Every public function of what is watched, by name, with Python's operators."""
    found = {}
    for path, owner in WATCHED.items():
        for name in dir(owner) if isinstance(owner, type) else vars(owner):
            dunder = name.startswith("__") and isinstance(owner, type)
            if name.startswith("_") and not dunder:
                continue
            value = inspect.getattr_static(owner, name, None)
            if dunder and name in ("__doc__", "__module__", "__dict__"):
                continue
            if isinstance(value, classmethod | staticmethod):
                value = value.__func__
            if callable(value) or isinstance(value, property):
                found[f"{path}.{name}"] = value
    return found


def replaced(before: dict[str, object]) -> list[str]:
    """The public functions that are no longer those that they were."""
    now = public()
    return [
        name
        for name, value in before.items()
        if now.get(name) is not value and not _wrapped_by_torch(now.get(name), value)
    ]


def _wrapped_by_torch(now, before) -> bool:
    """torch wraps functions of its own when its compiler is loaded."""
    code = getattr(now, "__code__", None)
    own = code is not None and code.co_filename.startswith(
        os.path.dirname(torch.__file__)
    )
    return own and getattr(now, "__wrapped__", None) is before


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
