"""What PyTorch offers for a concept: its signature, and how one uses it.

The lines are made from a concept's first case and have been run, so that none of them
is wrong; where that fails, general lines stand in their place.
"""

import inspect
import math
import textwrap
import warnings
from dataclasses import dataclass

import numpy as np
import torch

from ..concepts.cases import CASES
from ..concepts.cases.spec import Dice
from ..concepts.catalogue import Concept
from ..sides.modules import input_names
from .usage_written import WRITTEN

WIDTH = 60


@dataclass(frozen=True)
class Usage:
    """PyTorch's side of a page; `ran` if the lines were run as they stand."""

    signature: str
    construct: str
    forward: str
    backward: str
    ran: bool = False


def usage(concept: Concept) -> Usage:
    """Raises nothing: what cannot be made is left general."""
    name = f"torch.{concept.name}"
    signature = signature_of(concept.torch, name, concept.scratch)
    family = concept.family
    if concept.name in WRITTEN:
        return Usage(
            signature, *WRITTEN[concept.name], ran=_runs(WRITTEN[concept.name])
        )
    if family == "optim":
        return _optimiser(concept, name, signature)
    if family == "optim.lr_scheduler":
        return Usage(signature, f"scheduler = {name}(optimizer, ...)", _SCHEDULE, "")
    if family == "nn.init":
        lines = "", _FILL.format(name=name), ""
        return Usage(signature, *lines, ran=_runs(lines))
    for case in CASES.get(concept.name, ()):
        try:
            return _from_case(concept, case, name, signature)
        except Exception:  # another case may do
            continue
    return _general(concept, name, signature)


_SCHEDULE = """\
for epoch in range(epochs):
    train_one_epoch(model, optimizer)
    scheduler.step()        # sets lr of every group
scheduler.get_last_lr()"""

_FILL = "layer = torch.nn.Linear(256, 128)\n{name}(layer.weight)"


def _runs(lines: tuple[str, ...]) -> bool:
    """Raises whatever the lines raise: they are wrong then."""
    with torch.random.fork_rng(devices=[]):
        exec("\n".join(lines), {"torch": torch})
    return True


def signature_of(thing, name: str, given=None) -> str:
    """One line, or one line for each argument."""
    try:
        signature = inspect.signature(thing)
    except (TypeError, ValueError):  # written in C++: the names are scratch's too
        return f"{name}(...)" if given is None else signature_of(given, name)
    if "kwargs" in signature.parameters and given is not None:
        return signature_of(given, name)  # PyTorch takes what its base class takes
    plain = [
        p.replace(annotation=p.empty, default=_Named.of(p.default))
        for p in signature.parameters.values()
    ]
    words = str(signature.replace(parameters=plain, return_annotation=signature.empty))[
        1:-1
    ]
    if len(name) + len(words) + 2 <= WIDTH:
        return f"{name}({words})"
    wrapped = textwrap.fill(words, WIDTH - 4, break_on_hyphens=False)
    return f"{name}(\n{textwrap.indent(wrapped, '    ')}\n)"


class _Named:
    """A function as a default is shown by its name, not by where it lies in memory."""

    def __init__(self, function):
        self.name = function.__name__

    def __repr__(self):
        return self.name

    @classmethod
    def of(cls, default):
        return cls(default) if inspect.isroutine(default) else default


def _optimiser(concept: Concept, name: str, signature: str) -> Usage:
    options = {}
    for case in CASES.get(concept.name, ()):
        options = getattr(case, "options", None) or {}
        if options:
            break
    words = "".join(f", {k}={v!r}" for k, v in options.items())
    closure = "closure" if concept.name == "optim.LBFGS" else ""
    return Usage(
        signature,
        _wrapped(f"optimizer = {name}(model.parameters(){words})"),
        "optimizer.zero_grad()\n"
        "loss = criterion(model(x), y)\n"
        "loss.backward()             # autograd fills p.grad\n"
        f"optimizer.step({closure})",
        "",
    )


def _from_case(concept: Concept, case, name: str, signature: str) -> Usage:
    if getattr(case, "build", None):
        raise ValueError("built of several modules")
    options, inputs = case.draw(Dice([0], 1))
    if any(isinstance(v, np.ndarray) and v.size > 8 for v in options.values()):
        raise ValueError("too long to be shown")
    is_class = inspect.isclass(concept.torch)
    target = concept.torch.forward if is_class else concept.torch
    names = input_names(target, len(inputs) + is_class)[is_class:]
    if not all(map(str.isidentifier, names)):
        names = input_names(concept.scratch, len(inputs))
    words = ", ".join(f"{k}={_literal(v)}" for k, v in options.items())
    lines = [
        f"{n} = {_drawn(x, wants)}"
        for n, x, wants in zip(names, inputs, case.differentiable, strict=True)
    ]
    call = "layer" if is_class else name
    given = ", ".join(names) + ("" if is_class or not words else f", {words}")
    construct = _wrapped(f"layer = {name}({words})") if is_class else ""
    forward = "\n".join([*map(_wrapped, lines), _wrapped(f"y = {call}({given})")])
    known = {"torch": torch, "inf": math.inf, "nan": math.nan}
    with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
        warnings.simplefilter("ignore")
        exec(f"{construct}\n{forward}", known)
        backward = _backward(known, names, is_class)
        exec(backward, known)
    return Usage(signature, construct, forward, backward, ran=True)


def _backward(known: dict, names: list[str], is_class: bool) -> str:
    y = known["y"]
    first = "y"
    if not isinstance(y, torch.Tensor):
        first, y = "y[0]", y[0]
    if not y.requires_grad:
        return "# no gradient leads through it"
    lines = [
        f"{first}.backward()"
        if y.ndim == 0
        else f"{first}.backward(torch.randn_like({first}))"
    ]
    leads = [n for n in names if getattr(known[n], "requires_grad", False)]
    lines += [f"{n}.grad" for n in leads]
    if is_class:
        named = known["layer"].named_parameters()
        plain = [n for n, _ in named if all(map(str.isidentifier, n.split(".")))]
        lines += [f"layer.{n}.grad" for n in plain][:4]
    return "\n".join(lines)


def _literal(value) -> str:
    if isinstance(value, np.ndarray):
        return f"torch.tensor({np.round(value, 3).tolist()})"
    return repr(value)


def _drawn(x, wants: bool) -> str:
    if isinstance(x, tuple):
        return "(" + ", ".join(_drawn(part, False) for part in x) + ")"
    if not isinstance(x, np.ndarray):
        return repr(x)
    shape = ", ".join(map(str, x.shape)) or "()"
    size = f"({x.shape[0]},)" if x.ndim == 1 else f"({shape})" if x.ndim else "()"
    if x.dtype == bool:
        return f"torch.rand({shape}) < 0.5"
    if not np.issubdtype(x.dtype, np.floating):
        low = min(int(x.min(initial=0)), 0)
        return f"torch.randint({low}, {int(x.max(initial=0)) + 1}, {size})"
    tracked = ", requires_grad=True" if wants else ""
    unit = x.size and x.min() >= 0 and x.max() <= 1
    if unit and set(np.unique(x)) <= {0.0, 1.0}:
        return f"torch.randint(0, 2, {size}).float()"
    if set(np.unique(x)) <= {-1.0, 1.0}:
        return f"torch.randint(0, 2, {size}) * 2.0 - 1"
    kind = "rand" if unit else "randn"
    return f"torch.{kind}({shape}{tracked})"


def _general(concept: Concept, name: str, signature: str) -> Usage:
    if not inspect.isclass(concept.torch):
        return Usage(signature, "", f"y = {name}(x, ...)", "y.backward(dy)\nx.grad")
    return Usage(
        signature,
        f"layer = {name}(...)",
        "y = layer(x)",
        "y.backward(dy)\nx.grad\nfor p in layer.parameters():\n    p.grad",
    )


def _wrapped(line: str) -> str:
    """A call that is too long goes on in lines of its own."""
    if len(line) <= WIDTH or not line.endswith(")"):
        return line
    head, _, words = line.partition("(")
    body = textwrap.fill(words[:-1], WIDTH - 4, break_on_hyphens=False)
    return f"{head}(\n{textwrap.indent(body, '    ')}\n)"
