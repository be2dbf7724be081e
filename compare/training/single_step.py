"""One step of each side from the reference's own state, judged alone.

Free-running trainings drift apart; a single step from the same weights, optimiser
state, batch and random state does not. Loss, every gradient, every update and every
array of state are judged as the tensors of any other pair.
"""

from collections.abc import Callable

import numpy as np
import torch

from twofold import scratch, torch_ref

from ..judge.draw import compare_draw
from ..judge.row import Row
from ..sides.arrays import to_numpy, to_torch
from ..sides.steps import record_state, record_update
from ..sides.trace import Feed, Trace
from .lockstep import Experiment


def capture(side: Experiment) -> dict:
    """A side's state before a step, copied: all that the step depends on."""
    names = {p: name for name, p in side.model.named_parameters()}
    scratch_side = isinstance(side.model, scratch.nn.Module)
    return {
        "parameters": {n: np.array(to_numpy(p)) for p, n in names.items()},
        "state": {
            names[p]: {
                k: np.array(to_numpy(v)) for k, v in entry.items() if v is not None
            }
            for p, entry in side.optimizer.state.items()
        },
        "random": torch.from_numpy(scratch.random.get_rng_state())
        if scratch_side
        else torch.get_rng_state(),
        "options": [
            {k: v for k, v in group.items() if k != "params"}
            for group in side.optimizer.param_groups
        ],
    }


def judge_step(
    build: Callable, captured: dict, x: np.ndarray, y: np.ndarray, dtype, seed: int = 0
) -> list[Row]:
    """Rows for one step on the samples x and y from the state `captured`.

    `build(tree, dtype)` makes either side's experiment. The random streams are left as
    they were.
    """
    with torch.random.fork_rng(devices=[]), scratch.random.fork_rng():
        return compare_draw(
            StepSide(build, scratch, captured),
            StepSide(build, torch_ref, captured),
            _feed(captured, x, y, seed),
            dtype,
        )


def repeats(build: Callable, captured: dict, x, y, dtype, after: Experiment) -> bool:
    """Whether scratch's step from `captured`, taken alone, gives the bits of `after`.

    What a training carries from step to step beside weights and state, such as
    gradients that were not cleared, shows here and nowhere else.
    """
    with scratch.random.fork_rng():
        alone = StepSide(build, scratch, captured).run(
            _feed(captured, x, y).cast(np.dtype(dtype))
        )
    return all(
        np.array_equal(
            alone[f"update of {name}"], p.data - captured["parameters"][name]
        )
        for name, p in after.parameters.items()
    )


def _feed(captured: dict, x: np.ndarray, y: np.ndarray, seed: int = 0) -> Feed:
    return Feed(
        np.dtype(np.float64),
        inputs=(_wide(x), _wide(y)),
        parameters=_flat_state(captured),
        differentiable=(True, False),
        seed=seed,
    )


class StepSide:
    """One update as a side: weights and state in, loss, gradients and updates out."""

    def __init__(self, build: Callable, tree, captured: dict):
        self.build = build
        self.tree = tree
        self.captured = captured

    def run(self, feed: Feed) -> Trace:
        tree = self.tree
        side = self.build(tree, feed.dtype)
        convert = to_torch if tree is torch_ref else np.copy
        weights, state = _nested_state(feed.parameters)
        side.model.load_state_dict(
            {k: convert(v) for k, v in weights.items()}, strict=False
        )
        self._load_optimizer(side, state, convert)
        if tree is torch_ref:
            torch.set_rng_state(self.captured["random"])
        else:
            scratch.random.set_rng_state(self.captured["random"].numpy())
        x, y = (convert(a) for a in feed.inputs)
        if tree is torch_ref:
            x, y = x.to(side.x.device), y.to(side.x.device)
        loss = tree.training.update(
            side.model, side.criterion, side.optimizer, x, y, side.max_norm
        )
        trace = Trace({"loss": np.asarray(loss, feed.dtype)})
        before = {(n, key): x for n, entry in state.items() for key, x in entry.items()}
        after = side.parameters
        for name, p in after.items():
            if p.grad is not None:
                trace[f"grad of {name}"] = np.array(to_numpy(p.grad))
        for name, p in after.items():
            record_update(trace, "", name, weights[name], np.array(to_numpy(p.data)))
            record_state(trace, "", name, side.optimizer.state.get(p), before)
        return trace

    def _load_optimizer(self, side: Experiment, state: dict, convert) -> None:
        index = {name: i for i, name in enumerate(side.parameters)}
        saved = side.optimizer.state_dict()
        saved["state"] = {
            index[name]: {k: convert(v) for k, v in entry.items()}
            for name, entry in state.items()
        }
        for group, options in zip(
            saved["param_groups"], self.captured["options"], strict=True
        ):
            group.update(options)
        side.optimizer.load_state_dict(saved)


SEPARATOR = "//"


def _flat_state(captured: dict) -> dict[str, np.ndarray]:
    """Weights and optimiser state under one set of names, as a Feed holds them."""
    flat = {k: v.astype(np.float64) for k, v in captured["parameters"].items()}
    for name, entry in captured["state"].items():
        for key, value in entry.items():
            count = key == "step"
            flat[f"{key}{SEPARATOR}{name}"] = (
                value.astype(np.int64) if count else value.astype(np.float64)
            )
    return flat


def _nested_state(flat: dict) -> tuple[dict, dict]:
    weights, state = {}, {}
    for name, value in flat.items():
        key, separator, parameter = name.partition(SEPARATOR)
        if separator:
            state.setdefault(parameter, {})[key] = value
        else:
            weights[name] = value
    return weights, state


def _wide(x: np.ndarray) -> np.ndarray:
    return x.astype(np.float64) if np.issubdtype(x.dtype, np.floating) else x
