"""Anybody's optimiser as a side: what `twofold.check_optimizer` accepts."""

from collections.abc import Callable, Mapping

import numpy as np
import torch

from twofold import scratch, torch_ref

from .steps import (
    QuadraticSide,
    ScratchOptimiserSide,
    SparseSide,
    TorchOptimiserSide,
)

FORMS = (
    "a class made by (params, **options) whose objects have step(), a subclass of "
    "torch.optim.Optimizer, an optimiser of twofold.scratch, or a function "
    "(p, g, state, **options) -> (p, state)"
)


class HandOptimiserSide(ScratchOptimiserSide):
    """An object with `step()` for parameters with `.data` and `.grad`, as arrays.

    Its state is what it keeps for each parameter: in `state`, or in lists and dicts
    that have an entry for every parameter, known by their names.
    """

    def state_of(self, optimizer, parameter, number: int) -> dict:
        found = {}
        for name, held in vars(optimizer).items():
            one = _entry(held, parameter, number)
            if isinstance(one, Mapping):
                found |= {str(key): value for key, value in one.items()}
            else:
                found[name] = one
        return {key: x for key, x in found.items() if _is_number(x)}


def _entry(held, parameter, number: int):
    """What a list or dict holds for a parameter: by place, itself or its id."""
    if isinstance(held, list | tuple):
        one = held[number] if number < len(held) else None
        return None if one is parameter else one
    if isinstance(held, Mapping):
        for key in (id(parameter), number):
            if key in held:
                return held[key]
        try:
            return held.get(parameter)
        except TypeError:  # not hashable
            return None
    return None


def _is_number(x) -> bool:
    return isinstance(x, np.ndarray | np.number | float | int)


class FunctionSide(ScratchOptimiserSide):
    """A pure function `(p, g, state, **options) -> (p, state)`, None the first state.

    It is not called for a parameter without a gradient. Numbers in a state that is a
    tuple are known by their places.
    """

    def state_of(self, optimizer, parameter, number: int) -> dict:
        return _as_dict(optimizer.states[number])


class _Stepping:
    """Such a function as an optimiser of these parameters."""

    def __init__(self, parameters: list, function: Callable, options: list[dict]):
        self.parameters, self.function, self.options = parameters, function, options
        self.states: list = [None] * len(parameters)

    def step(self) -> None:
        for i, p in enumerate(self.parameters):
            if p.grad is None:
                continue
            state, options = self.states[i], self.options[i]
            returned = self.function(p.data, p.grad, state, **options)
            if not isinstance(returned, tuple) or len(returned) != 2:
                kind = type(returned).__name__
                raise TypeError(f"(p, state) was expected, got {kind}")
            p.data, self.states[i] = np.asarray(returned[0]), returned[1]


def _as_dict(state) -> dict:
    if isinstance(state, Mapping):
        return {key: x for key, x in state.items() if _is_number(x)}
    items = state if isinstance(state, tuple | list) else [state]
    return {i: x for i, x in enumerate(items) if _is_number(x)}


def dealt_out(count: int, groups: list[dict]) -> list[dict]:
    """The options of each parameter's group; groups have about as many each."""
    if not groups:
        return [{}] * count
    return [groups[i * len(groups) // count] for i in range(count)]


def optimiser_side(
    thing, role: str, options: dict, groups: list[dict], kind: str = "", inner=0.0
):
    """What was handed in, as a side. `kind` is "sparse" or "closure" for optimisers
    that take nothing else.

    Raises TypeError for what is none of the forms.
    """
    if isinstance(thing, torch.optim.Optimizer | scratch.optim.Optimizer):
        name = type(thing).__name__
        raise TypeError(f"{role}: a class was expected, as {name}, not one made of it")
    if not callable(thing):
        raise TypeError(f"{role}: {FORMS} was expected, got {type(thing).__name__}")
    if not isinstance(thing, type):
        if kind:
            raise TypeError(f"{role}: a class was expected, as the other needs {kind}")
        return FunctionSide(
            lambda parameters: _Stepping(
                parameters,
                thing,
                [options | own for own in dealt_out(len(parameters), groups)],
            ),
            inner,
        )
    by_torch = issubclass(thing, torch.optim.Optimizer)

    def build(parameters):
        if not groups:
            return thing(parameters, **options)
        own = dealt_out(len(parameters), groups)
        dealt = [
            {"params": [p for p, o in zip(parameters, own, strict=True) if o is g], **g}
            for g in groups
        ]
        return thing([g for g in dealt if g["params"]], **options)

    if kind:
        side = QuadraticSide if kind == "a closure" else SparseSide
        return side(build, torch_ref if by_torch else scratch)
    if by_torch:
        return TorchOptimiserSide(build, inner)
    by_scratch = issubclass(thing, scratch.optim.Optimizer)
    side = ScratchOptimiserSide if by_scratch else HandOptimiserSide
    if not hasattr(thing, "step"):
        raise TypeError(f"{role}: {FORMS} was expected; {thing.__name__} has no step()")
    return side(build, inner)
