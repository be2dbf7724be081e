"""Going on with a run that was interrupted.

A run's folder holds `plan.json`, what was asked for; `report.json`, what has ended; the
final weights of both sides; and `checkpoint.pt`, from which the training under way goes
on: both sides' weights, optimisers, schedules and random states. Every file is replaced
as a whole or not at all, so that a run killed at any moment leaves a readable one.
"""

import io
import json
import time
from pathlib import Path

import numpy as np
import torch

from twofold import scratch

from ..files.traces import atomically, load_trace, save_trace
from ..sides.trace import Trace
from .lockstep import Experiment

PLAN = "plan.json"
REPORT = "report.json"
STATE = "checkpoint.pt"
WEIGHTS = "weights"
SECONDS = 2.0  # between two checkpoints of a training


class NothingToResume(Exception):
    """The folder holds no run that could go on; the message says why."""


class Keeper:
    """Writes and reads what a run needs to go on."""

    def __init__(self, folder: Path):
        self.folder = Path(folder)
        self._saved_at = time.monotonic()

    # What was asked for, and what has ended.

    def write_plan(self, plan: dict) -> None:
        self._write_json(PLAN, plan)

    def plan(self) -> dict:
        path = self.folder / PLAN
        try:
            return json.loads(path.read_text())
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise NothingToResume(f"cannot go on with {path}: {reason}") from None

    def write_outlines(self, outlines: list) -> None:
        self._write_json(REPORT, [outline.to_json() for outline in outlines])

    def outlines(self) -> list:
        from .outline import Outline

        path = self.folder / REPORT
        entries = json.loads(path.read_text()) if path.is_file() else []
        return [Outline.from_json(entry) for entry in entries]

    def write_weights(self, name: str, sides: dict[str, Experiment]) -> None:
        """The final weights, for the variants that build on them and for anybody."""
        (self.folder / WEIGHTS).mkdir(exist_ok=True)
        for side, experiment in sides.items():
            state = experiment.model.state_dict()
            trace = Trace((k, _plain_array(v)) for k, v in state.items())
            save_trace(trace, self._weights(name, side))

    def weights(self, name: str, side: str) -> dict[str, np.ndarray]:
        return dict(load_trace(self._weights(name, side)))

    def _weights(self, name: str, side: str) -> Path:
        return self.folder / WEIGHTS / f"{name.replace('/', '.')}.{side}.safetensors"

    def _write_json(self, name: str, content) -> None:
        with atomically(self.folder / name) as partial:
            partial.write_text(json.dumps(content, indent=2) + "\n")

    # The training under way.

    @property
    def due(self) -> bool:
        return time.monotonic() - self._saved_at > SECONDS

    def save(self, trial: str, sides: dict[str, Experiment], progress: dict) -> None:
        """`progress` holds what the run itself must remember: plain values and arrays.

        Only what can be read back without running foreign code is written.
        """
        content = {
            "trial": trial,
            "sides": {side: _state(e) for side, e in sides.items()},
            "random": {
                "scratch": torch.from_numpy(scratch.random.get_rng_state()),
                "torch_ref": torch.get_rng_state(),
            },
            "progress": _tensors(progress),
        }
        buffer = io.BytesIO()  # torch's own writer hides why a file cannot be written
        torch.save(content, buffer)
        with atomically(self.folder / STATE) as partial:
            partial.write_bytes(buffer.getbuffer())
        self._saved_at = time.monotonic()

    def load(self, trial: str) -> dict | None:
        """The checkpoint of that trial, if there is one."""
        path = self.folder / STATE
        if not path.is_file():
            return None
        content = torch.load(path, weights_only=True)
        return content if content["trial"] == trial else None

    def forget(self) -> None:
        (self.folder / STATE).unlink(missing_ok=True)


def restore(content: dict, sides: dict[str, Experiment]) -> dict:
    """Put the state of a checkpoint into both sides; what the run had remembered."""
    for side, experiment in sides.items():
        own = (lambda x: x) if side == "torch_ref" else _arrays
        state = content["sides"][side]
        experiment.model.load_state_dict(own(state["model"]))
        experiment.optimizer.load_state_dict(own(state["optimizer"]))
        for name, keeper in experiment.keepers.items():
            keeper.load_state_dict(own(state["keepers"][name]))
    scratch.random.set_rng_state(content["random"]["scratch"].numpy())
    torch.set_rng_state(content["random"]["torch_ref"])
    return _arrays(content["progress"])


def _state(experiment: Experiment) -> dict:
    return _tensors(
        {
            "model": dict(experiment.model.state_dict()),
            "optimizer": experiment.optimizer.state_dict(),
            "keepers": {n: k.state_dict() for n, k in experiment.keepers.items()},
        }
    )


def _tensors(x):
    """`x` with tensors for arrays, which torch reads back without unpickling."""
    return _over(x, np.ndarray | np.generic, lambda a: torch.from_numpy(np.array(a)))


def _arrays(x):
    return _over(x, torch.Tensor, lambda t: t.numpy())


def _over(x, kind, convert):
    if isinstance(x, kind):
        return convert(x)
    if isinstance(x, dict):
        return {k: _over(v, kind, convert) for k, v in x.items()}
    if isinstance(x, list | tuple):
        return type(x)(_over(v, kind, convert) for v in x)
    return x


def _plain_array(x) -> np.ndarray:
    return x.detach().cpu().numpy() if isinstance(x, torch.Tensor) else np.asarray(x)
