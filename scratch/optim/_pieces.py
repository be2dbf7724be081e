"""How an elementwise rule is applied to many parameters at the price of a few."""

from types import SimpleNamespace

import numpy as np

from ..module import Parameter


class Piece:
    """Parameters that are updated together, as if they were one array.

    A large parameter is a piece of its own: its memory is updated where it is, block by
    block, so that a block stays in the processor's cache through the whole chain of
    operations. Small ones are gathered into one array, since a dozen operations on one
    array of 100,000 elements cost a fraction of what they cost on a hundred arrays of
    1,000. Their state stays gathered between steps, and `optimizer.state` holds views.
    """

    LARGE = 2**15  # elements: 128 KiB of float32
    BLOCK = 2**17

    def __init__(
        self,
        params: list[Parameter],
        initial: dict[str, float],
        numbers: tuple[str, ...],
        states: dict[Parameter, dict],
        first: bool,
    ):
        """`initial`: the names of the state's arrays, and what new ones hold."""
        self.params = params
        self.numbers = numbers
        self.first = first
        self.dtype = params[0].dtype
        ends = np.cumsum([p.size for p in params])
        self.size = int(ends[-1])
        self.spans = [slice(e - p.size, e) for p, e in zip(params, ends, strict=True)]
        self.arrays = {
            name: self._state_array(name, value, states)
            for name, value in initial.items()
        }
        self.views = [[states[p][name] for name in initial] for p in params]
        self.gathered = None

    def _state_array(self, name: str, value: float, states: dict) -> np.ndarray:
        """One flat array for all `params`, of which their states become views."""
        if len(self.params) == 1:
            array = states[self.params[0]].get(name)
            if (
                array is not None
                and array.dtype == self.dtype
                and array.flags.c_contiguous
            ):
                return array.reshape(-1)
        flat = np.full(self.size, value, self.dtype)
        for p, span in zip(self.params, self.spans, strict=True):
            if name in states[p]:
                flat[span] = states[p][name].reshape(-1)
            states[p][name] = flat[span].reshape(p.shape)
        return flat

    @staticmethod
    def age_of(state: dict, numbers: tuple[str, ...]) -> tuple:
        """What parameters must have in common to be updated by one formula."""
        return state.get("step", 0), *[state[name] for name in numbers]

    def is_valid(self, states: dict, names: tuple[str, ...]) -> bool:
        """Whether `states` still holds this piece's arrays, and one age for all."""
        if tuple(self.arrays) != names or any(p not in states for p in self.params):
            return False
        age = self.age_of(states[self.params[0]], self.numbers)
        for p, views in zip(self.params, self.views, strict=True):
            state = states[p]
            if p.data.dtype != self.dtype or self.age_of(state, self.numbers) != age:
                return False
            for name, view in zip(names, views, strict=True):
                if state.get(name) is not view:
                    return False
        return True

    def step(self, optimizer, group: dict) -> None:
        s = begin_step(optimizer, group, self.params, self.first)
        in_place = len(self.params) == 1 and self.params[0].data.flags.c_contiguous
        if in_place:
            (parameter,) = self.params
            p, g = parameter.data.reshape(-1), parameter.grad.reshape(-1)
        else:
            p, g, places = self._gather()
        for start in range(0, self.size, self.BLOCK):
            block = slice(start, start + self.BLOCK)
            for name, array in self.arrays.items():
                setattr(s, name, array[block])
            optimizer.update(group, p[block], g[block], s)
        if not in_place:
            for parameter, place in zip(self.params, places, strict=True):
                parameter.data[...] = place
        self.first = False

    def _gather(self) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
        """Parameters and gradients as two arrays, and each parameter's place there."""
        if self.gathered is None:
            p, g = np.empty((2, self.size), self.dtype)
            places = [
                p[span].reshape(q.shape)
                for q, span in zip(self.params, self.spans, strict=True)
            ]
            self.gathered = p, g, places
        p, g, _ = self.gathered
        np.concatenate([q.data for q in self.params], axis=None, out=p)
        np.concatenate([q.grad for q in self.params], axis=None, out=g)
        return self.gathered


def begin_step(optimizer, group: dict, params: list[Parameter], first: bool):
    """Count the step of parameters of one age, and advance the numbers they keep."""
    states = [optimizer.state[p] for p in params]
    s = SimpleNamespace(first=first)
    if optimizer.counts_steps:
        s.step = states[0].get("step", 0) + 1
        for state in states:
            state["step"] = s.step
    if optimizer.numbers:
        for name in optimizer.numbers:
            setattr(s, name, float(states[0][name]))
        optimizer.advance(group, s)
        for name in optimizer.numbers:
            number = np.float32(getattr(s, name))
            setattr(s, name, float(number))
            for state in states:
                state[name] = number
    return s


def update_rows(optimizer, group: dict, parameter: Parameter) -> None:
    """Apply the rule to those rows alone that a sparse gradient names."""
    state = optimizer.state_of(group, parameter)
    s = begin_step(optimizer, group, [parameter], first=False)
    gradient = parameter.grad.coalesce()
    rows = gradient.rows()
    if gradient.values.size == 0:
        return
    width = gradient.values[0].size

    def by_row(array):
        return array.reshape(-1, width)

    names = optimizer.state_names(group)
    arrays = {name: by_row(state[name])[rows].reshape(-1) for name in names}
    vars(s).update(arrays)
    p = by_row(parameter.data)[rows].reshape(-1)
    optimizer.update(group, p, gradient.values.reshape(-1), s)
    for name in names:
        by_row(state[name])[rows] = by_row(arrays[name])
    if parameter.data.flags.c_contiguous:
        by_row(parameter.data)[rows] = by_row(p)
    else:
        parameter.data[tuple(gradient.indices)] = p.reshape(gradient.values.shape)
