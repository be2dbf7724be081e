"""What optimisers share: parameter groups, state, and how a step walks over both."""

import warnings
from collections.abc import Iterator, Mapping
from copy import deepcopy

import numpy as np

from .._sparse import SparseGradient
from ..module import Parameter
from ._options import plain
from ._pieces import Piece

__all__ = ["Optimizer"]


class Optimizer:
    """The base of all optimisers.

    A subclass whose rule is elementwise says which arrays it keeps for a parameter
    (`state_names`) and how they and the parameter change (`update`); the walk over
    groups and parameters is done here. One whose rule looks at a parameter as a whole,
    at its rows or its norm, defines `step_group` instead. As in PyTorch, a parameter
    whose `grad` is None is left alone, its state too, and `state` has PyTorch's keys.

    `params` is an iterable of parameters, of (name, parameter) pairs, or of dicts with
    a key "params" and the options in which that group differs from the `defaults`.

    The options of PyTorch that choose an implementation and change no number
    (`foreach`, `capturable`, `differentiable`, `fused`) are accepted and kept, so that
    a `state_dict` has the same entries on both sides.

    Raises:
        TypeError: `params` holds something other than parameters.
        ValueError: no parameters at all, one that is in two groups, or names for some
            of them only.
        RuntimeError: from `step`, a gradient of another shape or dtype than its
            parameter, or a sparse one where the rule is not made for it.
    """

    counts_steps = True  # whether the state holds "step", the number of updates so far
    # Names of states that are one number for each parameter. They are kept in float32
    # whatever the parameter's dtype, as in PyTorch.
    numbers: tuple[str, ...] = ()

    def __init__(self, params, defaults: dict):
        if isinstance(params, Parameter | np.ndarray):
            raise TypeError(
                "params: an iterable of parameters or dicts was expected, "
                f"got one {type(params).__name__}"
            )
        self.defaults = defaults
        self.state: dict[Parameter, dict] = {}
        self.param_groups: list[dict] = []
        self._pieces: dict[tuple, list[Piece]] = {}
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
        for other in self.param_groups:
            if bool(names) != ("param_names" in other):
                raise ValueError("params: either all groups come with names or none")
            if not set(params).isdisjoint(other["params"]):
                raise ValueError("params: a parameter stands in more than one group")
        group = {**param_group, "params": params}
        if names:
            group["param_names"] = names
        for option, default in self.defaults.items():
            group.setdefault(option, default)
        _make_plain(group)
        self.param_groups.append(group)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients, or fill them with zeros.

        Zeros are gradients too: momentum and decay go on with them.
        """
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none:
                    p.grad = None
                elif isinstance(p.grad, SparseGradient):
                    p.grad = SparseGradient(
                        p.grad.indices[:, :0], p.grad.values[:0], p.shape
                    )
                elif p.grad is not None:
                    p.grad[...] = 0

    def step(self, closure=None):
        """Update every parameter that has a gradient.

        `closure`, if given, is called first; it should clear the gradients, compute
        them again and return the loss, which `step` then returns.
        """
        self._opt_called = True  # a scheduler that steps before us warns
        loss = closure() if closure is not None else None
        for group in self.param_groups:
            _make_plain(group)
            params = [p for p in group["params"] if p.grad is not None]
            for p in params:
                g, data = p.grad, p.data
                if g.shape != data.shape or g.dtype != data.dtype:
                    raise RuntimeError(
                        f"step: a grad of shape {g.shape} and {g.dtype} for a "
                        f"parameter of shape {data.shape} and {data.dtype}"
                    )
            with np.errstate(all="ignore"):  # infinity and NaN come as in PyTorch
                for once in _rounds(params):
                    self.step_group(group, once)
        return loss

    def step_group(self, group: dict, params: list[Parameter]) -> None:
        """Update `params`, those of `group` that have a gradient."""
        dense = [p for p in params if not isinstance(p.grad, SparseGradient)]
        if len(dense) < len(params):
            for p in params:
                if isinstance(p.grad, SparseGradient):
                    self.update_sparse(group, p)
        for piece in self._pieces_of(group, dense):
            piece.step(self, group)

    # What a rule defines.

    def state_names(self, group: dict) -> tuple[str, ...]:
        """The names of the arrays that are kept for each parameter of `group`."""
        raise NotImplementedError(f"{type(self).__name__} has no state_names()")

    def initial_value(self, group: dict, name: str) -> float:
        """What a new array or number of the state is filled with."""
        return 0.0

    def advance(self, group: dict, s) -> None:
        """Set the `numbers` in `s` to their values after step `s.step`."""

    def update(self, group: dict, p: np.ndarray, g: np.ndarray, s) -> None:
        """Change `p` and the arrays in `s` in place, elementwise; `g` is the gradient.

        All are one-dimensional pieces of the same length, and `g` is not ours to write
        to. `s.step` is the number of this update, from 1, `s.first` whether the arrays
        in `s` are new; `s` also has the `numbers`.
        """
        raise NotImplementedError(f"{type(self).__name__} has no update()")

    def update_sparse(self, group: dict, parameter: Parameter) -> None:
        """Update a parameter whose gradient is a `SparseGradient`."""
        self.require_dense([parameter])

    # What it finds here.

    def state_of(self, group: dict, parameter: Parameter) -> dict:
        """The state of a parameter, completed by the arrays that are new."""
        state = self._numbers_of(group, parameter)
        for name in self.state_names(group):
            if name not in state:
                value = self.initial_value(group, name)
                state[name] = np.full(parameter.shape, value, parameter.dtype)
        return state

    def require_dense(self, params: list[Parameter]) -> None:
        for p in params:
            if isinstance(p.grad, SparseGradient):
                kind = type(self).__name__
                raise RuntimeError(f"{kind} does not support sparse gradients")

    def _numbers_of(self, group: dict, parameter: Parameter) -> dict:
        state = self.state.setdefault(parameter, {})
        for name in self.numbers:
            if name not in state:
                state[name] = np.float32(self.initial_value(group, name))
        return state

    def _pieces_of(self, group: dict, params: list[Parameter]) -> list[Piece]:
        """`params` in pieces: as at the last step, if nothing has changed since."""
        names, key = self.state_names(group), tuple(params)
        pieces = self._pieces.get(key)
        if pieces is None or not all(x.is_valid(self.state, names) for x in pieces):
            pieces = self._arrange(group, params)
            known = self._pieces.items()
            self._pieces = {k: v for k, v in known if set(k).isdisjoint(params)}
            self._pieces[key] = pieces
        return pieces

    def _arrange(self, group: dict, params: list[Parameter]) -> list[Piece]:
        """Large parameters alone, small ones of one dtype and age together."""
        names = self.state_names(group)
        initial = {name: self.initial_value(group, name) for name in names}
        alike: dict[tuple, list[Parameter]] = {}
        for p in params:
            state = self._numbers_of(group, p)
            first = any(name not in state for name in names)
            alone = p if p.data.size > Piece.LARGE else None
            kind = (first, Piece.age_of(state, self.numbers), p.dtype, alone)
            alike.setdefault(kind, []).append(p)
        return [
            Piece(together, initial, self.numbers, self.state, first)
            for (first, *_), together in alike.items()
        ]

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

        Arrays are copied, and converted to the dtype of their parameter. "step" and the
        `numbers` keep their own dtype, where PyTorch converts all but "step": here a
        training that resumes goes on as if it had not stopped. As in PyTorch, the
        options of the groups are replaced, those that schedulers keep there included.

        Raises ValueError: the groups differ in number or size.
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
            kept = {k: group[k] for k in ("params", "param_names") if k in group}
            group.clear()
            group.update({**self.defaults, **kept, **deepcopy(dict(saved))})
            group["params"] = kept["params"]
            _make_plain(group)
        self.state = {
            parameter[i]: {
                key: self._loaded(key, value, parameter[i].dtype)
                for key, value in entry.items()
            }
            for i, entry in state_dict["state"].items()
        }
        self._pieces = {}

    def _loaded(self, key: str, value, dtype):
        """A copy of one entry of a state, as this optimiser keeps it."""
        if key == "step":
            return int(np.asarray(value))
        if key in self.numbers:
            return np.float32(np.asarray(value))
        if isinstance(value, list):
            return [self._loaded(key, v, dtype) for v in value]
        if value is None or isinstance(value, bool | int | float | str):
            return value
        return np.asarray(value).astype(dtype, order="C")

    def __getstate__(self) -> dict:
        """What is copied and pickled: not the pieces, whose views would be parted."""
        return {**vars(self), "_pieces": {}}

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for i, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {i}")
            lines += [f"    {k}: {group[k]}" for k in sorted(group) if k != "params"]
        return "\n".join([*lines, ")"])


def _split_names(params: list) -> tuple[list[str], list]:
    named = [isinstance(p, tuple) for p in params]
    if any(named) and not all(named):
        raise ValueError("params: either all parameters come with a name or none")
    if not any(named):
        return [], params
    return [name for name, _ in params], [p for _, p in params]


def _make_plain(group: dict) -> None:
    for option, value in group.items():
        if option != "params":
            group[option] = plain(value)


def _rounds(params: list[Parameter]) -> Iterator[list[Parameter]]:
    """`params`; if some stand there repeatedly, in several lists without repetition."""
    while len(once := dict.fromkeys(params)) < len(params):
        yield list(once)
        params = list(params)
        for p in once:
            params.remove(p)
    yield params
