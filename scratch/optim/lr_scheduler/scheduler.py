"""What schedules of the learning rate share."""

import types
import warnings
from collections.abc import Callable, Mapping

from .._options import plain
from ..optimizer import Optimizer

__all__ = ["LRScheduler"]


class LRScheduler:
    """The base of all schedules: at every step it sets each group's `lr` anew.

    A subclass defines `get_lr`, the rates at `last_epoch` by way of the rates before,
    and, where there is one, `_get_closed_form_lr`, which needs no rates before and is
    what `step(epoch)` asks for. "Epoch" is PyTorch's word for a call of `step`, the
    first of which comes from the constructor. A schedule whose rates build on those
    before can be chained: what another schedule does to the rate is kept.

    The state is every attribute but the optimiser, under PyTorch's names, so
    `load_state_dict` takes that of either side. The rates themselves are in the
    optimiser's state, `initial_lr` too.

    `last_epoch` other than -1 resumes a schedule: the groups must have `initial_lr`.

    Raises:
        TypeError: `optimizer` is no optimiser.
        KeyError: a schedule resumes, and a group has no `initial_lr`.
    """

    _not_saved = ("optimizer",)

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1):
        require_optimizer(optimizer)
        self.optimizer = optimizer
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(
                    f"last_epoch: {last_epoch} resumes a schedule, but group {i} of "
                    "the optimiser has no 'initial_lr'; load its state first"
                )
        self.base_lrs = values_of(optimizer, "initial_lr")
        self.last_epoch = last_epoch
        if not getattr(optimizer, "_scheduled", False):
            optimizer._scheduled, optimizer._opt_called = True, False
        self._get_lr_called_within_step = False
        self._initial_step()

    def _initial_step(self) -> None:
        self._step_count = 0
        self._is_initial = True
        self.step()
        self._is_initial = False

    def get_lr(self) -> list[float]:
        """The rates at `last_epoch`; called by `step`."""
        raise NotImplementedError(f"{type(self).__name__} has no get_lr()")

    def get_last_lr(self) -> list[float]:
        """The rates that the last step has set, group by group."""
        return self._last_lr

    def step(self, epoch: int | None = None) -> None:
        """Set the rates of the next epoch, or of `epoch`; after `optimizer.step()`."""
        if self._step_count == 1 and not self.optimizer._opt_called:
            warnings.warn(
                "lr_scheduler.step() was called before optimizer.step(): the first "
                "rate of the schedule is skipped",
                stacklevel=2,
            )
        self._step_count += 1
        if epoch is not None:
            warn_of_epoch()
        self._update_lr(epoch)

    def _update_lr(self, epoch: int | None = None) -> None:
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        closed_form = getattr(self, "_get_closed_form_lr", None)
        self._set_lrs(self.get_lr if epoch is None or not closed_form else closed_form)

    def _set_lrs(self, rates: Callable[[], list[float]]) -> None:
        self._get_lr_called_within_step = True
        try:
            lrs = rates()
        finally:
            self._get_lr_called_within_step = False
        for group, lr in zip(self.optimizer.param_groups, lrs, strict=True):
            group["lr"] = plain(lr)
        self._last_lr = values_of(self.optimizer, "lr")

    def _warn_unless_stepping(self) -> None:
        if not self._get_lr_called_within_step:
            warnings.warn(
                "get_lr() belongs to step(); the last rates are get_last_lr()",
                stacklevel=3,
            )

    @property
    def _groups(self) -> list[dict]:
        return self.optimizer.param_groups

    def state_dict(self) -> dict:
        return {k: v for k, v in vars(self).items() if k not in self._not_saved}

    def load_state_dict(self, state_dict: Mapping) -> None:
        vars(self).update(state_dict)


def require_optimizer(optimizer) -> None:
    if not isinstance(optimizer, Optimizer):
        kind = type(optimizer).__name__
        raise TypeError(f"optimizer: an Optimizer was expected, got {kind}")


def warn_of_epoch() -> None:
    warnings.warn(
        "step(epoch) is deprecated in PyTorch; it uses the closed form of a schedule "
        "where there is one",
        stacklevel=3,
    )


def values_of(optimizer: Optimizer, key: str) -> list:
    return [group[key] for group in optimizer.param_groups]


def one_for_each_group(name: str, optimizer: Optimizer, value) -> list:
    """`value` itself, if it is a list of the right length, or repeated."""
    groups = len(optimizer.param_groups)
    if not isinstance(value, list | tuple):
        return [plain(value)] * groups
    if len(value) != groups:
        raise ValueError(
            f"{name}: {groups} values were expected, one for each group of parameters, "
            f"got {len(value)}"
        )
    return [plain(v) for v in value]


def state_of_functions(functions: list) -> list[dict | None]:
    """What can be saved of them: the attributes of callable objects, else nothing."""
    return [
        None if isinstance(f, types.FunctionType) else dict(vars(f)) for f in functions
    ]


def load_functions(functions: list, states: list[dict | None]) -> None:
    for function, state in zip(functions, states, strict=True):
        if state is not None:
            vars(function).update(state)
