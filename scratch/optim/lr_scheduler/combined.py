"""Schedules made of schedules."""

from bisect import bisect_right

from .plateau import ReduceLROnPlateau
from .scheduler import LRScheduler, values_of

__all__ = ["ChainedScheduler", "SequentialLR"]


class _Combined(LRScheduler):
    _not_saved = ("optimizer", "_schedulers")

    def _check(self, schedulers, optimizer):
        name = type(self).__name__
        for i, scheduler in enumerate(schedulers):
            if not hasattr(scheduler, "optimizer"):
                raise TypeError(f"{name}: schedulers[{i}] has no optimizer")
            if isinstance(scheduler, ReduceLROnPlateau):
                raise ValueError(
                    f"{name}: schedulers[{i}] is a ReduceLROnPlateau, whose step() "
                    "needs a metric"
                )
            if scheduler.optimizer is not optimizer:
                raise ValueError(f"{name}: schedulers[{i}] has another optimizer")

    def state_dict(self):
        states = [scheduler.state_dict() for scheduler in self._schedulers]
        return {**super().state_dict(), "_schedulers": states}

    def load_state_dict(self, state_dict):
        state = dict(state_dict)
        states = state.pop("_schedulers")
        for scheduler, own in zip(self._schedulers, states, strict=True):
            scheduler.load_state_dict(own)
        super().load_state_dict(state)


class SequentialLR(_Combined):
    """One schedule after the other: `schedulers[i]` ends at epoch `milestones[i]`.

    Each starts at its own epoch 0 when its turn comes, in closed form where it has one.
    Making a schedule has already set the rates; SequentialLR takes that back and starts
    the first one again from `initial_lr`.

    Raises:
        TypeError: something among `schedulers` that is no schedule.
        ValueError: no `schedulers`, one that belongs to another optimiser or is a
            ReduceLROnPlateau; not one milestone less than schedules.
    """

    def __init__(self, optimizer, schedulers, milestones, last_epoch=-1):
        if len(schedulers) < 1:
            raise ValueError("schedulers: at least one was expected")
        self._check(schedulers, optimizer)
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(
                f"milestones: one less than schedulers was expected, got "
                f"{len(milestones)} for {len(schedulers)}"
            )
        self._schedulers = schedulers
        self._milestones = milestones
        self.last_epoch = last_epoch + 1
        self.optimizer = optimizer
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        self.recursive_undo()
        first = schedulers[bisect_right(milestones, 0)]
        first._initial_step()
        self._last_lr = first.get_last_lr()

    def recursive_undo(self, sched=None):
        """Take back the step that every schedule has made on its own."""
        scheduler = self if sched is None else sched
        if hasattr(scheduler, "_schedulers"):
            for below in scheduler._schedulers:
                self.recursive_undo(below)
        elif hasattr(scheduler, "last_epoch"):
            scheduler.last_epoch -= 1

    def step(self):
        self.last_epoch += 1
        i = bisect_right(self._milestones, self.last_epoch)
        scheduler = self._schedulers[i]
        if i > 0 and self._milestones[i - 1] == self.last_epoch:
            scheduler._update_lr(0)
        else:
            scheduler.step()
        self._last_lr = scheduler.get_last_lr()


class ChainedScheduler(_Combined):
    """Several schedules at once: each changes what the one before has set.

    Raises:
        TypeError: something among `schedulers` that is no schedule.
        ValueError: no `schedulers`, one that belongs to another optimiser or is a
            ReduceLROnPlateau.
    """

    def __init__(self, schedulers, optimizer=None):
        if len(schedulers) < 1:
            raise ValueError("schedulers: at least one was expected")
        optimizer = optimizer or schedulers[0].optimizer
        self._check(schedulers, optimizer)
        self._schedulers = schedulers
        self.optimizer = optimizer
        self._last_lr = values_of(optimizer, "lr")

    def step(self):
        for scheduler in self._schedulers:
            scheduler.step()
        self._last_lr = values_of(self.optimizer, "lr")
