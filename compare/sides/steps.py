"""Sides that take steps: optimisers on given gradients, and training loops.

A step is judged by its update, the difference of two weights, and by the optimiser's
state; the weights themselves would hide an update that is small beside them.
"""

import inspect
from collections.abc import Callable

import numpy as np
import torch

from twofold import scratch, torch_ref
from twofold.scratch._sparse import SparseGradient

from ..numerics.dtypes import unit_roundoff
from ..numerics.sizes import Size
from .arrays import TORCH_DTYPE, to_numpy, to_torch
from .trace import Feed, Trace


class OptimiserSide:
    """`build(parameters)` makes the optimiser; `feed.inputs` holds, step after step,
    one gradient for each parameter, or None.
    """

    def __init__(self, build: Callable, inner_roundoff: float = 0.0):
        self.build = build
        self.inner_roundoff = inner_roundoff
        self.states: Callable = lambda key: key  # its name in the trace, None: left out
        self.clears = False  # whether gradients of 0 are what zero_grad leaves

    def run(self, feed: Feed) -> Trace:
        inner = self.inner_roundoff / unit_roundoff(feed.dtype)
        parameters = {
            name: self.parameter(value, feed.dtype)
            for name, value in feed.parameters.items()
        }
        optimizer = self.build(list(parameters.values()))
        trace, states = Trace(), {}
        steps = len(feed.inputs) // len(parameters)
        for step in range(steps):
            gradients = feed.inputs[
                step * len(parameters) : (step + 1) * len(parameters)
            ]
            for parameter, gradient in zip(parameters.values(), gradients, strict=True):
                if self.clears and step and gradient is not None and not gradient.any():
                    continue
                self.set_gradient(parameter, gradient)
            before = {name: self.value(p) for name, p in parameters.items()}
            try:
                optimizer.step()
            except Exception as error:
                error.add_note(f"in step {step + 1}")
                raise
            for i, (name, parameter) in enumerate(parameters.items()):
                prefix, after = f"step {step + 1}: ", self.value(parameter)
                record_update(trace, prefix, name, before[name], after, inner)
                state = self._named(self.state_of(optimizer, parameter, i))
                record_state(trace, prefix, name, state, states)
            if self.clears:
                optimizer.zero_grad(set_to_none=False)
        return trace

    def state_of(self, optimizer, parameter, number: int) -> dict | None:
        return optimizer.state.get(parameter)

    def _named(self, state: dict | None) -> dict:
        named = {self.states(key): value for key, value in (state or {}).items()}
        return {key: value for key, value in named.items() if key is not None}


class ScratchOptimiserSide(OptimiserSide):
    @staticmethod
    def parameter(value, dtype):
        return scratch.nn.Parameter(value.astype(dtype))

    @staticmethod
    def set_gradient(parameter, gradient):
        parameter.grad = None if gradient is None else gradient.copy()

    @staticmethod
    def value(parameter) -> np.ndarray:
        return parameter.data.copy()


class TorchOptimiserSide(OptimiserSide):
    @staticmethod
    def parameter(value, dtype):
        return torch.nn.Parameter(to_torch(value, dtype=dtype))

    @staticmethod
    def set_gradient(parameter, gradient):
        parameter.grad = None if gradient is None else to_torch(gradient)

    @staticmethod
    def value(parameter) -> np.ndarray:
        return to_numpy(parameter).copy()


class QuadraticSide:
    """An optimiser that is given a closure, on x'Ax/2 - b'x - c'cos(4x)."""

    STEPS = 2

    def __init__(self, build: Callable, tree):
        self.build = build
        self.tree = tree

    def run(self, feed: Feed) -> Trace:
        torch_side = self.tree is torch_ref
        (start,) = feed.parameters.values()
        A, b, c = (to_torch(x) if torch_side else x for x in feed.inputs)
        sin, cos = (torch.sin, torch.cos) if torch_side else (np.sin, np.cos)
        x = self.tree.nn.Parameter(to_torch(start) if torch_side else start.copy())
        optimizer = self.build([x])

        def closure():
            with torch.no_grad():
                value = x.detach() if torch_side else x.data
                Ax = A @ value
                x.grad = Ax - b + 4 * c * sin(4 * value)
                return value @ Ax / 2 - b @ value - c @ cos(4 * value)

        trace = Trace()
        for step in range(1, self.STEPS + 1):
            before = np.array(to_numpy(x.data))
            optimizer.step(closure)
            after = np.array(to_numpy(x.data))
            record_update(trace, f"step {step}: ", "x", before, after)
            for count in ("n_iter", "func_evals"):
                known = optimizer.state[x].get(count, 0)
                trace[f"step {step}: {count}"] = np.asarray(known)
        return trace


class SparseSide:
    """An optimiser for gradients of which few rows are there."""

    def __init__(self, build: Callable, tree):
        self.build = build
        self.tree = tree

    def run(self, feed: Feed) -> Trace:
        torch_side = self.tree is torch_ref
        (start,) = feed.parameters.values()
        p = self.tree.nn.Parameter(to_torch(start) if torch_side else start.copy())
        optimizer = self.build([p])
        trace, states = Trace(), {}
        pairs = zip(feed.inputs[::2], feed.inputs[1::2], strict=True)
        for number, (rows, values) in enumerate(pairs, 1):
            if torch_side:
                p.grad = torch.sparse_coo_tensor(
                    to_torch(rows)[None],
                    to_torch(values),
                    p.shape,
                    check_invariants=True,
                )
            else:
                p.grad = SparseGradient(rows[None], values, p.shape)
            before = np.array(to_numpy(p.data))
            optimizer.step()
            prefix = f"step {number}: "
            record_update(trace, prefix, "p", before, np.array(to_numpy(p.data)))
            record_state(trace, prefix, "p", optimizer.state.get(p), states)
        before = np.array(to_numpy(p.data))
        optimizer.zero_grad(set_to_none=False)  # no row is left
        optimizer.step()
        record_update(trace, f"step {number + 1}: ", "p", before, to_numpy(p.data))
        return trace


class LoopSide:
    """A training loop, walked to its end with a small network and plain SGD."""

    SIZES = (6, 8, 4)
    LR = 0.1

    def __init__(self, loop: Callable, options: dict, tree):
        self.loop = loop
        self.options = options
        self.tree = tree

    def parameters(self, seed: int) -> dict[str, np.ndarray]:
        torch.manual_seed(seed)
        model = torch_ref.models.MLP(self.SIZES)
        return {k: to_numpy(v).astype(np.float64) for k, v in model.named_parameters()}

    def run(self, feed: Feed) -> Trace:
        tree, torch_side = self.tree, self.tree is torch_ref
        model = tree.models.MLP(self.SIZES)
        model.to(TORCH_DTYPE[feed.dtype] if torch_side else feed.dtype)
        convert = to_torch if torch_side else np.copy
        model.load_state_dict({k: convert(v) for k, v in feed.parameters.items()})
        options = dict(self.options)
        if "generator" in inspect.signature(self.loop).parameters:
            options["generator"] = tree.Generator().manual_seed(feed.seed)
        loop = self.loop(
            model,
            tree.nn.CrossEntropyLoss(),
            tree.optim.SGD(model.parameters(), lr=self.LR),
            *(convert(x) for x in feed.inputs),
            **options,
        )
        trace = Trace()
        weights = {k: np.array(to_numpy(v)) for k, v in model.state_dict().items()}
        for number, step in enumerate(loop, 1):
            prefix = f"step {number}: "
            trace[f"{prefix}batch"] = to_numpy(step.batch)
            trace[f"{prefix}loss"] = np.asarray(step.loss, feed.dtype)
            self._record_updates(trace, prefix, model, weights)
        self._record_updates(trace, "at the end: ", model, weights)
        return trace

    @staticmethod
    def _record_updates(trace, prefix: str, model, weights: dict) -> None:
        """`weights` holds those of the step before, and then those of this one."""
        for name, value in model.state_dict().items():
            after = np.array(to_numpy(value))
            record_update(trace, prefix, name, weights[name], after)
            weights[name] = after


class BatchesSide:
    """The order in which samples are visited: integers, equal or not."""

    def __init__(self, function: Callable, options: dict, tree):
        self.function = function
        self.options = options
        self.tree = tree

    def run(self, feed: Feed) -> Trace:
        trace = Trace()
        for named in True, False:  # a generator of its own, or the default one
            self.tree.manual_seed(feed.seed)
            generator = self.tree.Generator().manual_seed(feed.seed) if named else None
            for epoch in range(2):
                batches = self.function(**self.options, generator=generator)
                for i, batch in enumerate(batches):
                    which = "own" if named else "default"
                    name = f"{which} generator, epoch {epoch}, batch {i}"
                    trace[name] = to_numpy(batch)
        return trace


def record_update(trace, prefix: str, name: str, before, after, inner=0.0) -> None:
    """`inner` roundings of the update itself, where it is computed less precisely."""
    key = f"{prefix}update of {name}"
    trace[key] = after - before
    carrier = Size.of(after) | Size.of(before)
    trace.carriers[key] = carrier | Size.of(trace[key]) * inner


def record_state(
    trace: Trace, prefix: str, name: str, state: dict | None, before: dict
) -> None:
    """`before` holds the state of the step before, and then that of this one.

    A running average is a sum with what it was, and carries its rounding: where the
    two nearly cancel, the small result has no more digits than they had.
    """
    for key, value in (state or {}).items():
        if value is None:
            continue
        array = to_numpy(value) if isinstance(value, torch.Tensor) else np.array(value)
        # "step" is a float on one side and a float32 tensor on the other: a count.
        array = array.astype(np.int64) if key == "step" else array.copy()
        entry = f"{prefix}{key} of {name}"
        trace[entry] = array
        was = before.get((name, key))
        if was is not None and np.issubdtype(array.dtype, np.floating):
            trace.carriers[entry] = Size.of(was)
        before[name, key] = array
