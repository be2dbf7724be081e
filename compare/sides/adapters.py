"""Anybody's code as a side: what `twofold.check` accepts, made to run.

Mine may be a scratch-style module or any callable that returns `(y, back)`, or an
object with `forward` and `backward`. The reference may be an `nn.Module`, a function of
tensors, or an `autograd.Function`.
"""

import copy

import numpy as np
import torch

from twofold import scratch

from .modules import ScratchSide, TorchSide
from .trace import (
    NO_INPUT,
    Feed,
    Trace,
    flatten,
    is_floating,
    named,
    nest,
    over,
    tensor_name,
)


def candidate_side(mine, names: list[str], renamed: dict[str, str]):
    """`renamed` maps my names of parameters to the reference's."""
    if isinstance(mine, scratch.nn.Module):
        return RenamedSide(mine, names, renamed)
    if hasattr(mine, "forward") and hasattr(mine, "backward"):
        return ObjectSide(mine, names, renamed)
    if callable(mine):
        return ScratchSide(lambda dtype: mine, names)
    raise TypeError(
        "mine: a callable returning (y, back), a module, or an object with forward() "
        f"and backward() was expected, got {type(mine).__name__}"
    )


def reference_side(reference, names: list[str], device: str) -> TorchSide:
    if isinstance(reference, torch.nn.Module):
        return TorchSide(lambda dtype: copy.deepcopy(reference), names, device)
    if isinstance(reference, type) and issubclass(reference, torch.autograd.Function):
        return TorchSide(lambda dtype: reference.apply, names, device)
    if callable(reference):
        return TorchSide(lambda dtype: reference, names, device)
    raise TypeError(
        "reference: an nn.Module, a function of tensors or an autograd.Function was "
        f"expected, got {type(reference).__name__}"
    )


def require_names(mine, reference, renamed: dict[str, str]) -> None:
    """Raise ValueError unless mine has every parameter of the reference."""
    if not isinstance(reference, torch.nn.Module):
        return
    theirs = [name for name, _ in reference.named_parameters()]
    for name in renamed.values():
        if name not in dict(reference.state_dict()):
            raise ValueError(f"parameters: the reference has no {name!r}, but {theirs}")
    if not isinstance(mine, scratch.nn.Module):
        return
    own = list(mine.state_dict())
    for name in translate(dict.fromkeys(theirs), renamed):
        if name not in own:
            raise ValueError(
                f"mine has no parameter {name!r}, but {own}; map names with "
                "parameters={mine: reference}"
            )


class RenamedSide:
    """A scratch-style module whose parameters may have names of their own."""

    def __init__(self, module, names: list[str], renamed: dict[str, str]):
        self.module = module
        self.names = names
        self.renamed = renamed

    def make(self, feed: Feed):
        """A copy of the module, with the parameters of `feed`."""
        module = copy.deepcopy(self.module).to(feed.dtype)
        module.load_state_dict(
            translate(feed.parameters or {}, self.renamed), strict=False
        )
        return module

    def run(self, feed: Feed) -> Trace:
        local = ScratchSide(lambda dtype: self.make(feed), self.names)
        trace = local.run(Feed(**{**vars(feed), "parameters": None}))
        return _rename(trace, self.renamed)


class ObjectSide:
    """An object with `forward(*arrays)` and `backward(*dys)`.

    Its parameters are attributes under the names of the reference's parameters (or
    mapped to them); the gradient of `W` is looked for, after `backward`, in
    `grads["W"]`, `gradients["W"]`, `dW`, `grad_W` and `W_grad`.
    """

    def __init__(self, subject, names: list[str], renamed: dict[str, str]):
        self.subject = subject
        self.names = names
        self.renamed = renamed

    def make(self, feed: Feed):
        """A copy of the object, with the parameters of `feed`."""
        subject = copy.deepcopy(self.subject)
        mine = translate(feed.parameters or {}, self.renamed)
        for name, value in vars(subject).items():
            if is_floating(value):
                setattr(subject, name, value.astype(feed.dtype))
        for name, value in mine.items():
            if not hasattr(subject, name):
                raise AttributeError(
                    f"mine has no attribute {name!r} for the reference's parameter; "
                    "map names with parameters={mine: reference}"
                )
            setattr(subject, name, value.copy())
        return subject

    def run(self, feed: Feed) -> Trace:
        subject = self.make(feed)
        scratch.manual_seed(feed.seed)
        inputs = over(
            lambda x: x.copy() if isinstance(x, np.ndarray) else x, feed.inputs
        )
        output = subject.forward(*inputs, **feed.options)
        trace = Trace((name, np.array(y)) for name, y in flatten(output))
        if not feed.upstream_fits(trace.values()):
            return trace
        dys = nest(output, (np.array(dy) for dy in feed.upstream))
        found = subject.backward(*dys) if isinstance(output, tuple) else None
        found = subject.backward(dys) if found is None else found
        found = _as_tuple(found)
        for name, dx in named(self.names, found):
            trace[f"grad of {name}"] = np.asarray(dx)
        for name, dx in flatten(found[len(inputs) :] or None, NO_INPUT):
            trace[name] = np.asarray(dx)
        for name in translate(feed.parameters or {}, self.renamed):
            gradient = _gradient(subject, name)
            if gradient is not None:
                trace[tensor_name("grad of", name)] = np.asarray(gradient)
        return _rename(trace, self.renamed)


def _gradient(subject, name: str):
    for holder in ("grads", "gradients"):
        if name in getattr(subject, holder, ()):
            return getattr(subject, holder)[name]
    for attribute in (f"d{name}", f"grad_{name}", f"{name}_grad"):
        if getattr(subject, attribute, None) is not None:
            return getattr(subject, attribute)
    return None


def translate(parameters: dict, renamed: dict[str, str]) -> dict:
    """The reference's parameters under my names."""
    mine = {theirs: my for my, theirs in renamed.items()}
    return {mine.get(name, name): value for name, value in parameters.items()}


def _rename(trace: Trace, renamed: dict[str, str]) -> Trace:
    """My trace under the reference's names."""
    names = {
        tensor_name("grad of", my): tensor_name("grad of", theirs)
        for my, theirs in renamed.items()
    }
    translated = Trace((names.get(name, name), x) for name, x in trace.items())
    translated.carriers = trace.carriers
    return translated


def _as_tuple(x) -> tuple:
    return tuple(x) if isinstance(x, tuple | list) else (x,)
