"""Where do two composites part? Each submodule alone, on the reference's own numbers.

The reference is run once with every named submodule recorded: its inputs, and the
gradients that reach its outputs. Then each submodule of the candidate is fed exactly
these (teacher forcing) and judged against its counterpart. The first that fails, in
forward order for an output and in backward order for a gradient, is the place; what
follows from it downstream is fed correct numbers and does not fail.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch

from ..sides.arrays import to_numpy, to_torch, torch_inputs
from ..sides.modules import TorchSide, input_names, positional
from ..sides.scratch_side import ScratchSide
from ..sides.trace import Feed, draw_upstream, flatten, over
from .draw import compare_draw
from .row import Row


@dataclass(frozen=True)
class Call:
    """What went through a submodule of the reference the first time it was called."""

    path: str
    inputs: tuple
    upstream: tuple
    training: bool


@dataclass(frozen=True)
class Place:
    """The first submodule that differs, with what is needed to try it alone."""

    path: str
    row: Row
    rows: list[Row]
    candidate: object
    reference: object
    feed: Feed
    names: list[str]

    def __str__(self) -> str:
        inner, _, tensor = self.row.name.rpartition(": ")
        path = f"{self.path}.{inner}" if inner else self.path
        return f"{path}: {tensor}"


def locate(
    mine, reference: TorchSide, feed: Feed, dtype, others: dict[str, str] | None = None
) -> Place | None:
    """The first submodule at fault, or None if none fails alone.

    `mine(feed)` returns the candidate's module, made ready for a run. `others` are the
    reference's submodules that have other names in mine: theirs to mine.
    """
    calls = record(reference, feed)
    there = {path for path, _ in mine(feed).named_modules()}
    others = others or {}
    paths = {c.path: others.get(c.path, c.path) for c in calls}
    paths = {theirs: own for theirs, own in paths.items() if own in there}
    failed: list[Place] = []
    for call in calls:  # children come before the modules they are part of
        if not call.path or call.path not in paths:
            continue
        if any(place.path.startswith(call.path + ".") for place in failed):
            continue
        place = _try_alone(mine, paths[call.path], reference, feed, call, dtype)
        if place is not None:
            failed.append(place)
    forward = [place for place in failed if "grad of " not in place.row.name]
    return forward[0] if forward else failed[-1] if failed else None


def _try_alone(mine, own: str, reference, feed, call: Call, dtype) -> Place | None:
    """`own` is what the submodule is called in mine."""
    prefix = call.path + "."
    parameters = {
        name.removeprefix(prefix): value
        for name, value in (feed.parameters or {}).items()
        if name.startswith(prefix)
    }
    part = reference.make(feed).get_submodule(call.path)
    names = input_names(part.forward, len(call.inputs))
    local = replace(
        feed,
        inputs=call.inputs,
        parameters=parameters,
        upstream=call.upstream,
        differentiable=None,
        training=call.training,
        options={},
    )

    def build_mine(dtype):
        return mine(feed.cast(dtype)).get_submodule(own)

    def build_reference(dtype):
        return reference.make(feed.cast(dtype)).get_submodule(call.path)

    by_tensor = isinstance(build_mine(np.float64), torch.nn.Module)
    kind = TorchSide if by_tensor else ScratchSide
    candidate = kind(build_mine, names)
    counterpart = TorchSide(build_reference, names, reference.device)
    try:
        rows = compare_draw(candidate, counterpart, local, dtype)
    except (TypeError, ValueError, RuntimeError):
        return None  # called in a way that cannot be repeated alone
    row = next((row for row in rows if not row.ok), None)
    if row is None:
        return None
    return Place(call.path, row, rows, candidate, counterpart, local, names)


def record(reference: TorchSide, feed: Feed) -> list[Call]:
    """Run the reference once; its submodules' calls, in the order of their ends."""
    module = reference.make(feed)
    seen: dict[str, dict] = {}
    handles = [
        part.register_forward_hook(_recorder(path, seen), with_kwargs=True)
        for path, part in module.named_modules()
        if path
    ]
    torch.manual_seed(feed.seed)
    inputs = torch_inputs(feed, reference.device)
    for _, x in flatten(inputs):
        if isinstance(x, torch.Tensor) and x.is_floating_point():
            x.requires_grad_()
    outputs = [y for _, y in flatten(module(*inputs, **feed.options))]
    roots = [
        (y, to_torch(np.asarray(dy), reference.device))
        for y, dy in zip(outputs, feed.upstream, strict=True)
        if y.requires_grad
    ]
    if roots:
        torch.autograd.backward([y for y, _ in roots], [dy for _, dy in roots])
    for handle in handles:
        handle.remove()
    return [_call(path, entry, feed.seed) for path, entry in seen.items()]


def _recorder(path: str, seen: dict):
    def hook(module, inputs, keywords, output):
        if path in seen:
            return
        if keywords:
            inputs = positional(module.forward, inputs, keywords)
        outputs = [y for _, y in flatten(output)]
        entry = {
            "inputs": over(
                lambda x: to_numpy(x).copy() if isinstance(x, torch.Tensor) else x,
                inputs,
            ),
            "shapes": [tuple(y.shape) for y in outputs],
            "upstream": [None] * len(outputs),
            "training": module.training,
        }
        seen[path] = entry
        for i, y in enumerate(outputs):
            if y.requires_grad:
                y.register_hook(lambda dy, i=i: _keep(entry["upstream"], i, dy))

    return hook


def _keep(upstream: list, i: int, dy) -> None:
    upstream[i] = to_numpy(dy).copy()


def _call(path: str, entry: dict, seed: int) -> Call:
    """A gradient that never came, or is all zeros, says nothing: draw one."""
    drawn = draw_upstream(entry["shapes"], seed)
    upstream = tuple(
        random if dy is None or not np.any(dy) else dy
        for dy, random in zip(entry["upstream"], drawn, strict=True)
    )
    return Call(path, entry["inputs"], upstream, entry["training"])
