"""What optimisers share: parameter groups, state, and how a step walks over both."""

import warnings
from collections.abc import Mapping
from types import SimpleNamespace

import numpy as np

from ..module import Parameter

__all__ = ["Optimizer"]


class Optimizer:
    """The base of all optimisers.

    A subclass whose rule is elementwise says which arrays it keeps for a parameter
    (`state_names`) and how they and the parameter change (`update`); the walk over
    groups and parameters is done here. As in PyTorch, a parameter whose `grad` is None
    is left alone, its state too, and `state` has PyTorch's keys.

    `params` is an iterable of parameters, of (name, parameter) pairs, or of dicts with
    a key "params" and the options in which that group differs from the `defaults`.

    The options of PyTorch that choose an implementation and change no number (`foreach`,
    `capturable`, `differentiable`, `fused`) are accepted and kept, so that a
    `state_dict` has the same entries on both sides.

    Raises:
        TypeError: `params` holds something other than parameters.
        ValueError: no parameters at all, or one that is in two groups.
    """

    counts_steps = True  # whether the state holds "step", the number of updates so far

    def __init__(self, params, defaults: dict):
        if isinstance(params, Parameter | np.ndarray):
            raise TypeError(
                "params: an iterable of parameters or dicts was expected, "
                f"got one {type(params).__name__}"
            )
        self.defaults = defaults
        self.state: dict[Parameter, dict] = {}
        self.param_groups: list[dict] = []
        self._pieces: dict[tuple, _Piece] = {}
        groups = list(params)
        if not groups:
            raise ValueError("params: an empty list of parameters was given")
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    def add_param_group(self, param_group: dict) -> None:
        """Add parameters, with options of their own, to those that are trained."""
        if not isinstance(param_group, dict):
            raise TypeError(
                f"param_group: a dict was expected, got {type(param_group).__name__}"
            )
        params = param_group["params"]
        if isinstance(params, Parameter):
            params = [params]
        elif isinstance(params, set):
            raise TypeError("params: a set has no fixed order; give a list")
        names, params = _split_names(list(params))
        for p in params:
            if not isinstance(p, Parameter):
                kind = type(p).__name__
                raise TypeError(f"params: a Parameter was expected, got {kind}")
        if len(set(params)) != len(params):
            warnings.warn("params: one parameter stands in a group twice", stacklevel=3)
        known = {p for group in self.param_groups for p in group["params"]}
        if not known.isdisjoint(params):
            raise ValueError("params: a parameter stands in more than one group")
        group = {**param_group, "params": params}
        if names:
            group["param_names"] = names
        for option, default in self.defaults.items():
            value = group.setdefault(option, default)
            if isinstance(value, np.generic):  # a NumPy scalar would widen the dtype
                group[option] = value.item()
        self.param_groups.append(group)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients, or fill them with zeros.

        Zeros are gradients too: momentum and decay go on with them.
        """
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none:
                    p.grad = None
                elif p.grad is not None:
                    p.grad[...] = 0

    def step(self, closure=None):
        """Update every parameter that has a gradient.

        `closure`, if given, is called first; it should clear the gradients, compute
        them again and return the loss, which `step` then returns.
        """
        loss = closure() if closure is not None else None
        for group in self.param_groups:
            for piece in self._pieces_of(group):
                piece.step(self, group)
        return loss

    def state_names(self, group: dict) -> tuple[str, ...]:
        """The names of the arrays that are kept for each parameter of `group`."""
        raise NotImplementedError(f"{type(self).__name__} has no state_names()")

    def update(self, group: dict, p: np.ndarray, g: np.ndarray, s) -> None:
        """Change `p` and the arrays in `s` in place, elementwise; `g` is the gradient.

        All are one-dimensional pieces of the same length. `s.step` is the number of
        this update, from 1, `s.first` whether the arrays in `s` are new (all zeros).
        """
        raise NotImplementedError(f"{type(self).__name__} has no update()")

    def _pieces_of(self, group: dict) -> "list[_Piece]":
        """The parameters that have a gradient, small ones of the same age together."""
        alike: dict[tuple, list[Parameter]] = {}
        names = self.state_names(group)
        for p in group["params"]:
            if p.grad is None:
                continue
            state = self.state.setdefault(p, {})
            first = any(name not in state for name in names)
            alone = p if p.data.size > _Piece.LARGE else None
            key = (p.dtype, first, state.get("step", 0), alone)
            alike.setdefault(key, []).append(p)
        pieces = []
        for (_, first, *_), params in alike.items():
            piece = self._pieces.get(tuple(params))
            if piece is None or not piece.holds_state(self.state, names):
                piece = _Piece(params, names, self.state)
                self._pieces = {
                    key: kept
                    for key, kept in self._pieces.items()
                    if set(key).isdisjoint(params)
                }
                self._pieces[tuple(params)] = piece
            piece.first = first
            pieces.append(piece)
        return pieces

    # The state, as PyTorch writes it.

    def state_dict(self) -> dict:
        """{"state": {index: {...}}, "param_groups": [{..., "params": [index, ...]}]}.

        A parameter is called by its place among all groups. The arrays are the
        optimiser's own, not copies.
        """
        index = {}
        groups = []
        for group in self.param_groups:
            for p in group["params"]:
                index.setdefault(p, len(index))
            params = [index[p] for p in group["params"]]
            groups.append({**group, "params": params})
        state = {index[p]: dict(entry) for p, entry in self.state.items() if entry}
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: Mapping) -> None:
        """Take over a `state_dict()` of this class or of PyTorch's (CPU tensors).

        Arrays are copied, and converted to the dtype of their parameter.

        Raises ValueError when the groups differ in number or size.
        """
        groups = state_dict["param_groups"]
        sizes = [len(group["params"]) for group in groups]
        mine = [len(group["params"]) for group in self.param_groups]
        if sizes != mine:
            raise ValueError(
                f"load_state_dict: groups of {sizes} parameters were given, "
                f"groups of {mine} are expected"
            )
        parameter = {}
        for group, saved in zip(self.param_groups, groups, strict=True):
            parameter |= dict(zip(saved["params"], group["params"], strict=True))
            group.update({k: v for k, v in saved.items() if k != "params"})
        self.state = {
            p: {key: _state_value(key, value, p) for key, value in entry.items()}
            for p, entry in (
                (parameter[i], entry) for i, entry in state_dict["state"].items()
            )
        }
        self._pieces = {}

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for i, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {i}")
            lines += [f"    {k}: {group[k]}" for k in sorted(group) if k != "params"]
        return "\n".join([*lines, ")"])


class _Piece:
    """Parameters that are updated together, as if they were one array.

    A large parameter is a piece of its own: its memory is updated where it is, block by
    block, so that a block stays in the processor's cache through the whole chain of
    operations. Small ones are gathered into one array, since a dozen operations on one
    array of 100,000 elements cost a fraction of what they cost on a hundred arrays of
    1,000. Their state stays gathered between steps, and `optimizer.state` holds views.
    """

    LARGE = 2**15  # elements: 128 KiB of float32
    BLOCK = 2**17

    def __init__(self, params: list[Parameter], names, states: dict):
        self.params = params
        self.first = True
        ends = np.cumsum([p.size for p in params])
        self.spans = [
            slice(end - p.size, end) for p, end in zip(params, ends, strict=True)
        ]
        self.dtype = dtype = params[0].dtype
        size = int(ends[-1])
        self.arrays = {}
        for name in names:
            flat = self.arrays[name] = np.zeros(size, dtype)
            for p, span in zip(params, self.spans, strict=True):
                if name in states[p]:
                    flat[span] = states[p][name].reshape(-1)
                states[p][name] = flat[span].reshape(p.shape)
        self.views = [[states[p][name] for name in names] for p in params]
        gathered = len(params) > 1
        self.gathered_p = np.empty(size, dtype) if gathered else None
        self.gathered_g = np.empty(size, dtype) if gathered else None

    def holds_state(self, states: dict, names) -> bool:
        """Whether the optimiser's state is still this piece's own arrays."""
        same_kind = (
            tuple(self.arrays) == tuple(names) and self.dtype == self.params[0].dtype
        )
        return same_kind and all(
            states[p].get(name) is view
            for p, views in zip(self.params, self.views, strict=True)
            for name, view in zip(names, views, strict=True)
        )

    def step(self, optimizer: Optimizer, group: dict) -> None:
        s = SimpleNamespace(first=self.first)
        if optimizer.counts_steps:
            s.step = optimizer.state[self.params[0]].get("step", 0) + 1
            for p in self.params:
                optimizer.state[p]["step"] = s.step
        for p in self.params:
            if p.grad.shape != p.shape:
                raise RuntimeError(
                    f"step: a grad of shape {p.grad.shape} for a parameter of shape "
                    f"{p.shape}"
                )
        if self.gathered_p is None:
            (parameter,) = self.params
            if not parameter.data.flags.c_contiguous:
                parameter.data = np.ascontiguousarray(parameter.data)
            p, g = parameter.data.reshape(-1), parameter.grad.reshape(-1)
        else:
            p = self._gather([p.data for p in self.params], self.gathered_p)
            g = self._gather([p.grad for p in self.params], self.gathered_g)
        for start in range(0, p.size, self.BLOCK):
            block = slice(start, start + self.BLOCK)
            for name, array in self.arrays.items():
                setattr(s, name, array[block])
            optimizer.update(group, p[block], g[block], s)
        if self.gathered_p is not None:
            for parameter, span in zip(self.params, self.spans, strict=True):
                parameter.data[...] = p[span].reshape(parameter.shape)

    @staticmethod
    def _gather(arrays, out):
        return np.concatenate([a.reshape(-1) for a in arrays], out=out)


def _split_names(params: list) -> tuple[list[str], list]:
    named = [isinstance(p, tuple) for p in params]
    if any(named) and not all(named):
        raise ValueError("params: either all parameters come with a name or none")
    if not any(named):
        return [], params
    return [name for name, _ in params], [p for _, p in params]


def _state_value(key: str, value, parameter: Parameter):
    if key == "step":
        return float(np.asarray(value))
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return np.array(value, dtype=parameter.dtype)
