"""What the recurrent layers share: parameters, arguments, the stack."""

import math
import warnings
from numbers import Number

import numpy as np

from .._arrays import (
    Detached,
    require_array,
    require_int,
    require_same_dtype,
)
from ..kernels.packed import Packing
from ..kernels.recurrence import GATES, scan
from ..module import Module, Parameter
from ..nn import init
from ..nn.dropout import Dropout
from ..nn.utils.rnn import PackedSequence, require_batch_sizes


class Recurrent(Module):
    """The base of `RNN`, `GRU` and `LSTM`; `kind` is a key of `GATES`.

    The layers of a stack read the outputs of the one below, both directions side by
    side. Between two layers, but not after the last, is dropout. `input` may be packed,
    and then so is the output; see `kernels/packed.py`.

    Raises:
        TypeError: a size is not an int, a switch no bool; `input` is not an array.
        ValueError: a size is not positive; `dropout` is no number in [0, 1];
            `proj_size` is not in [0, hidden_size); `input` has another dtype than the
            weights, or neither 2 nor 3 dimensions.
        RuntimeError: `input` does not end in `input_size`, or has no steps; a state
            has another shape than expected; packed data is not of 2 dimensions, or its
            `batch_sizes` do not fit it.
    """

    def __init__(
        self,
        kind,
        input_size,
        hidden_size,
        num_layers,
        bias,
        batch_first,
        dropout,
        bidirectional,
        proj_size=0,
        dtype=None,
    ):
        _require_probability(dropout)
        switches = ("bias", bias), ("batch_first", batch_first)
        for name, value in (*switches, ("bidirectional", bidirectional)):
            if not isinstance(value, bool):
                raise TypeError(f"{name}: a bool was expected, got {value!r}")
        sizes = ("input_size", input_size), ("hidden_size", hidden_size)
        for name, n in (*sizes, ("num_layers", num_layers)):
            require_int(name, n)
            if n <= 0:
                raise ValueError(f"{name}: a number above 0 was expected, got {n}")
        require_int("proj_size", proj_size)
        if not 0 <= proj_size < hidden_size:
            raise ValueError(
                f"proj_size: a number in [0, hidden_size = {hidden_size}) was "
                f"expected, got {proj_size}"
            )
        if dropout > 0 and num_layers == 1:
            warnings.warn(
                f"dropout: it comes between layers, and there is none between "
                f"num_layers = 1; got {dropout}",
                stacklevel=3,
            )
        self.kind = kind
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        self._add_parameters(dtype or np.float32)
        self.reset_parameters()

    def _add_parameters(self, dtype):
        gates = GATES[self.kind] * self.hidden_size
        outputs = self.proj_size or self.hidden_size
        inputs = self.input_size
        for layer in range(self.num_layers):
            for suffix in self._suffixes(layer):
                shapes = {"weight_ih": (gates, inputs), "weight_hh": (gates, outputs)}
                if self.bias:
                    shapes |= {"bias_ih": (gates,), "bias_hh": (gates,)}
                if self.proj_size:
                    shapes |= {"weight_hr": (self.proj_size, self.hidden_size)}
                for name, shape in shapes.items():
                    setattr(self, name + suffix, Parameter(np.empty(shape, dtype)))
            inputs = outputs * self._directions

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    def _suffixes(self, layer: int) -> list[str]:
        return [f"_l{layer}", f"_l{layer}_reverse"][: self._directions]

    def _weights(self, suffix: str) -> list:
        names = "weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"
        return [getattr(self, name + suffix, None) for name in names]

    def reset_parameters(self):
        bound = 1 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def run(self, input, states):
        """The whole stack; `states` is a tuple of first states, or None for zeros.

        Returns the output, a tuple of last states, and the way back: from their
        gradients, None for those not used, to those of the input and first states.
        """
        if isinstance(input, PackedSequence):
            return self._run_packed(input, states)
        self._require_input(input)
        batched = input.ndim == 3
        X = input if batched else np.expand_dims(input, 1)
        if batched and self.batch_first:
            X = X.transpose(1, 0, 2)
        firsts = self._first_states(X, X.shape[1], states, batched)
        Y, lasts, stack_back = self._stack(X, firsts, input)

        def back(dY, dlasts):
            dX, dfirsts = stack_back(
                None if dY is None else self._steps_first(dY),
                [
                    None if d is None else d.reshape(last.shape)
                    for last, d in zip(lasts, dlasts, strict=True)
                ],
            )
            if dX is not None:
                dX = self._laid_out(dX, batched)
            return dX, tuple(d if batched else d[:, 0] for d in dfirsts)

        ends = tuple(last if batched else last[:, 0] for last in lasts)
        return self._laid_out(Y, batched), ends, back

    def _run_packed(self, input, states):
        """States are in the order in which the samples came, packed data is sorted."""
        self._require_packed(input)
        packing = Packing(input.batch_sizes)
        firsts = self._first_states(input.data, packing.samples, states, True)

        def in_order(states, indices):
            if indices is None:
                return tuple(states)
            return tuple(None if s is None else s[:, indices] for s in states)

        Y, lasts, stack_back = self._stack(
            input.data, in_order(firsts, input.sorted_indices), input.data, packing
        )

        def back(dY, dlasts):
            dX, dfirsts = stack_back(dY, in_order(dlasts, input.sorted_indices))
            return dX, in_order(dfirsts, input.unsorted_indices)

        ends = in_order(lasts, input.unsorted_indices)
        return input._replace(data=Y), ends, back

    def _stack(self, X, firsts, input, packing=None):
        """All layers in all directions, with steps first or packed."""

        def turned(X):
            return X[::-1] if packing is None else packing.turned(X)

        lasts = [np.empty_like(first) for first in firsts]
        shape, backs = X.shape, []
        for layer in range(self.num_layers):
            outputs = []
            for d, suffix in enumerate(self._suffixes(layer)):
                k = layer * self._directions + d
                Y, ends, back = scan(
                    self.kind,
                    turned(X) if d else X,
                    [first[k] for first in firsts],
                    self._weights(suffix),
                    not (layer == 0 and isinstance(input, Detached)),
                    packing,
                )
                for last, end in zip(lasts, ends, strict=True):
                    last[k] = end
                outputs.append(turned(Y) if d else Y)
                backs.append(back)
            X = outputs[0] if len(outputs) == 1 else np.concatenate(outputs, axis=-1)
            if self.dropout and layer < self.num_layers - 1:
                noise = Dropout(self.dropout).train(self.training)
                X, back = noise(X)
                backs.append(back)

        def back(dY, dlasts):
            dX = np.zeros(X.shape, X.dtype) if dY is None else dY
            dlasts = [
                np.zeros_like(last) if d is None else d
                for last, d in zip(lasts, dlasts, strict=True)
            ]
            dfirsts = [np.empty_like(first) for first in firsts]
            ways = list(backs)
            for layer in reversed(range(self.num_layers)):
                if self.dropout and layer < self.num_layers - 1:
                    dX = ways.pop()(dX)
                parts = np.split(dX, self._directions, axis=-1)
                found = []
                for d in reversed(range(self._directions)):
                    k = layer * self._directions + d
                    part, dstates = ways.pop()(
                        turned(parts[d]) if d else parts[d],
                        [last[k] for last in dlasts],
                    )
                    found.append(turned(part) if d and part is not None else part)
                    for dfirst, dstate in zip(dfirsts, dstates, strict=True):
                        dfirst[k] = dstate
                dX = found[0] if len(found) == 1 or found[0] is None else sum(found)
            return None if dX is None else dX.reshape(shape), dfirsts

        return X, lasts, back

    def _laid_out(self, X, batched):
        """(T, B, D) as the caller has it."""
        if not batched:
            return X[:, 0]
        return X.transpose(1, 0, 2) if self.batch_first else X

    def _steps_first(self, dY):
        if dY.ndim == 2:
            return dY[:, None]
        return dY.transpose(1, 0, 2) if self.batch_first else dY

    def _require_input(self, input):
        require_array("input", input)
        if input.ndim not in (2, 3):
            raise ValueError(
                f"input: 2 or 3 dimensions were expected, got shape {input.shape}"
            )
        if input.dtype != self.weight_ih_l0.dtype:
            raise ValueError(
                f"input: dtype {input.dtype} does not go with weights of "
                f"{self.weight_ih_l0.dtype}"
            )
        if input.shape[-1] != self.input_size:
            raise RuntimeError(
                f"input: shape {input.shape} does not end in "
                f"input_size = {self.input_size}"
            )
        if not input.shape[1 if self.batch_first and input.ndim == 3 else 0]:
            raise RuntimeError(f"input: shape {input.shape} has no steps")

    def _require_packed(self, input):
        X = input.data
        require_array("input", X)
        if X.ndim != 2:
            raise RuntimeError(
                f"input: packed data of 2 dimensions was expected, got shape {X.shape}"
            )
        if X.dtype != self.weight_ih_l0.dtype:
            # PyTorch's LSTM leaves this to a product of matrices.
            kind = RuntimeError if self.kind == "LSTM" else ValueError
            raise kind(
                f"input: packed data of {X.dtype} does not go with weights of "
                f"{self.weight_ih_l0.dtype}"
            )
        if X.shape[1] != self.input_size:
            raise RuntimeError(
                f"input: packed data of shape {X.shape} does not end in "
                f"input_size = {self.input_size}"
            )
        require_batch_sizes(input.batch_sizes, len(X))

    def _first_states(self, X, samples, states, batched):
        kinds = self.num_layers * self._directions, samples
        sizes = [self.proj_size or self.hidden_size]
        if self.kind == "LSTM":
            sizes.append(self.hidden_size)
        if states is None:
            return [np.zeros((*kinds, n), X.dtype) for n in sizes]
        firsts = []
        for state, size in zip(states, sizes, strict=True):
            expected = (*kinds, size) if batched else (kinds[0], size)
            if state.shape != expected:
                raise RuntimeError(
                    f"hx: a state of shape {expected} was expected, got {state.shape}"
                )
            require_same_dtype("hx", state, "input", X)
            firsts.append(state.reshape(*kinds, size))
        return firsts

    def extra_repr(self):
        words = [f"{self.input_size}, {self.hidden_size}"]
        plain = {"proj_size": 0, "num_layers": 1, "bias": True, "batch_first": False}
        for name, usual in (plain | {"dropout": 0, "bidirectional": False}).items():
            value = getattr(self, name)
            if value != usual:
                words.append(f"{name}={value}")
        return ", ".join(words)


def require_states(name: str, hx, count: int) -> None:
    """Raise TypeError unless hx is None, or as many arrays as there are states."""
    if hx is None:
        return
    if count == 1:
        require_array(name, hx)
    elif not isinstance(hx, tuple | list) or len(hx) != count:
        raise TypeError(f"{name}: a pair (h_0, c_0) was expected, got {hx!r:.60}")
    else:
        for state in hx:
            require_array(name, state)


def _require_probability(dropout):
    number = isinstance(dropout, Number) and not isinstance(dropout, bool)
    if not number or not 0 <= dropout <= 1:
        raise ValueError(
            f"dropout: a probability in [0, 1] was expected, got {dropout!r}"
        )
