"""Schedules that raise the rate and lower it again, for every batch."""

import math
import types

from .scheduler import LRScheduler, one_for_each_group, require_optimizer

__all__ = ["CyclicLR", "OneCycleLR"]


class _MomentumCycle(LRScheduler):
    """A schedule that moves the momentum, or Adam's first beta, against the rate."""

    def _start_momentum(self, base_momentum, max_momentum, last_epoch):
        optimizer = self.optimizer
        if not {"momentum", "betas"} & set(optimizer.defaults):
            raise ValueError(
                "cycle_momentum: the optimiser has neither momentum nor betas"
            )
        self.use_beta1 = "betas" in optimizer.defaults
        lowest = one_for_each_group("base_momentum", optimizer, base_momentum)
        highest = one_for_each_group("max_momentum", optimizer, max_momentum)
        if last_epoch == -1:
            for low, high, group in zip(lowest, highest, self._groups, strict=True):
                self._set_momentum(group, high)
                group["max_momentum"], group["base_momentum"] = high, low
        return lowest, highest

    def _set_momentum(self, group, momentum):
        if self.use_beta1:
            group["betas"] = (momentum, *group["betas"][1:])
        else:
            group["momentum"] = momentum


class CyclicLR(_MomentumCycle):
    r"""The rate goes up from `base_lr` to `max_lr` and down again, over and over.

    A cycle is `step_size_up` plus `step_size_down` (None: the same) batches long. With
    $h$ rising linearly from 0 to 1 and falling again, in cycle $c$ = 1, 2, ...,
    $\gamma_t = \gamma_{base} + (\gamma_{max} - \gamma_{base})\, h\, a$ where the
    amplitude $a$ is, by `mode`, 1 ("triangular"), $2^{1-c}$ ("triangular2") or
    `gamma`$^t$ ("exp_range"), or `scale_fn` of $c$ or $t$ as `scale_mode` is "cycle" or
    "iterations". With `cycle_momentum` the momentum goes from `max_momentum` down to
    `base_momentum` and up again by the same formula. Not chainable.

    Where PyTorch departs from the paper: up and down may differ in length; momentum is
    from Smith's later report; and the rates of the optimiser are overwritten by
    `base_lr` from the start.

    Raises:
        TypeError: `optimizer` is no optimiser.
        ValueError: an unknown `mode` without `scale_fn`; a list whose length is not the
            number of groups; `cycle_momentum` with an optimiser that has no momentum.

    Source: Smith, Cyclical learning rates for training neural networks, 2017.
    """

    def __init__(
        self,
        optimizer,
        base_lr,
        max_lr,
        step_size_up=2000,
        step_size_down=None,
        mode="triangular",
        gamma=1.0,
        scale_fn=None,
        scale_mode="cycle",
        cycle_momentum=True,
        base_momentum=0.8,
        max_momentum=0.9,
        last_epoch=-1,
    ):
        require_optimizer(optimizer)
        self.optimizer = optimizer
        base_lrs = one_for_each_group("base_lr", optimizer, base_lr)
        if last_epoch == -1:
            for group, lr in zip(self._groups, base_lrs, strict=True):
                group["lr"] = lr
        self.max_lrs = one_for_each_group("max_lr", optimizer, max_lr)

        up = float(step_size_up)
        down = up if step_size_down is None else float(step_size_down)
        self.total_size = up + down
        self.step_ratio = up / self.total_size

        if mode not in ("triangular", "triangular2", "exp_range") and scale_fn is None:
            raise ValueError(f"mode: {mode!r} is not known, and scale_fn is None")
        self.mode = mode
        self.gamma = gamma
        self._scale_fn_custom = scale_fn
        if scale_fn is None:
            scale_mode = "iterations" if mode == "exp_range" else "cycle"
        self.scale_mode = scale_mode
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self.base_momentums, self.max_momentums = self._start_momentum(
                base_momentum, max_momentum, last_epoch
            )
        super().__init__(optimizer, last_epoch)
        self.base_lrs = base_lrs

    def scale_fn(self, x):
        """The amplitude in cycle x, or at batch x."""
        if self._scale_fn_custom is not None:
            return self._scale_fn_custom(x)
        if self.mode == "triangular":
            return 1.0
        return 1 / 2.0 ** (x - 1) if self.mode == "triangular2" else self.gamma**x

    def get_lr(self):
        self._warn_unless_stepping()
        t = self.last_epoch
        cycle = math.floor(1 + t / self.total_size)
        x = 1.0 + t / self.total_size - cycle
        up = self.step_ratio
        height = x / up if x <= up else (x - 1) / (up - 1)
        amplitude = self.scale_fn(cycle if self.scale_mode == "cycle" else t)

        if self.cycle_momentum:
            for group, low, high in zip(
                self._groups, self.base_momentums, self.max_momentums, strict=True
            ):
                self._set_momentum(group, high - (high - low) * height * amplitude)
        return [
            low + (high - low) * height * amplitude
            for low, high in zip(self.base_lrs, self.max_lrs, strict=True)
        ]

    def state_dict(self):
        """`scale_fn` is left out; of a callable object, the attributes are kept."""
        f = self._scale_fn_custom
        saved = (
            None if f is None or isinstance(f, types.FunctionType) else dict(vars(f))
        )
        return {**super().state_dict(), "_scale_fn_custom": saved}

    def load_state_dict(self, state_dict):
        state = dict(state_dict)
        saved = state.pop("_scale_fn_custom")
        if saved is not None:
            vars(self._scale_fn_custom).update(saved)
        super().load_state_dict(state)


class OneCycleLR(_MomentumCycle):
    r"""One rise of the rate and one long fall: super-convergence.

    From `max_lr` / `div_factor` the rate rises to `max_lr` during a share `pct_start`
    of all batches, then falls to the first rate / `final_div_factor`; with
    `three_phase` it falls back to the first rate as fast as it rose, and only then to
    the last one. `anneal_strategy` is the form of each phase, "cos" or "linear". With
    `cycle_momentum` the momentum falls from `max_momentum` to `base_momentum` while the
    rate rises, and the other way round. Not chainable.

    The first batch is number 0 and the last `total_steps` - 1, so the rate is highest
    at batch `pct_start` * `total_steps` - 1.

    There are `total_steps` batches, or `epochs` times `steps_per_epoch`. In the groups
    stand `initial_lr`, `max_lr`, `min_lr`, and `base_momentum`, `max_momentum`.

    Raises:
        TypeError: `optimizer` is no optimiser.
        ValueError: neither `total_steps` nor both others, or not positive integers;
            `pct_start` not a float in [0, 1]; an unknown `anneal_strategy`; a list
            whose length is not the number of groups; `cycle_momentum` with an optimiser
            that has no momentum; at a step, more of them than `total_steps`.

    Source: Smith and Topin, Super-convergence: very fast training of neural networks
    using large learning rates, 2018 (three phases); the two phases are fastai's.
    """

    def __init__(
        self,
        optimizer,
        max_lr,
        total_steps=None,
        epochs=None,
        steps_per_epoch=None,
        pct_start=0.3,
        anneal_strategy="cos",
        cycle_momentum=True,
        base_momentum=0.85,
        max_momentum=0.95,
        div_factor=25.0,
        final_div_factor=1e4,
        three_phase=False,
        last_epoch=-1,
    ):
        require_optimizer(optimizer)
        self.optimizer = optimizer
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ValueError(
                    "total_steps: needed, unless epochs and steps_per_epoch are given"
                )
            _require_positive_integer("epochs", epochs)
            _require_positive_integer("steps_per_epoch", steps_per_epoch)
            total_steps = epochs * steps_per_epoch
        _require_positive_integer("total_steps", total_steps)
        self.total_steps = total_steps
        if not isinstance(pct_start, float) or not 0 <= pct_start <= 1:
            raise ValueError(f"pct_start: a float in [0, 1] was expected, {pct_start}")
        self._schedule_phases = _phases(total_steps, pct_start, three_phase)
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                f"anneal_strategy: 'cos' or 'linear' expected, got {anneal_strategy!r}"
            )
        self._anneal_func_type = anneal_strategy

        max_lrs = one_for_each_group("max_lr", optimizer, max_lr)
        if last_epoch == -1:
            for group, highest in zip(self._groups, max_lrs, strict=True):
                group["initial_lr"] = highest / div_factor
                group["max_lr"] = highest
                group["min_lr"] = group["initial_lr"] / final_div_factor
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self._start_momentum(base_momentum, max_momentum, last_epoch)
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        self._warn_unless_stepping()
        if self.last_epoch > self.total_steps:
            raise ValueError(
                f"step: number {self.last_epoch} of total_steps={self.total_steps}"
            )
        phase, share = self._phase_at(self.last_epoch)
        if self.cycle_momentum:
            for group in self._groups:
                start = group[phase["start_momentum"]]
                end = group[phase["end_momentum"]]
                self._set_momentum(group, self._anneal(start, end, share))
        return [
            self._anneal(group[phase["start_lr"]], group[phase["end_lr"]], share)
            for group in self._groups
        ]

    def _phase_at(self, t):
        """The phase that batch t is in, and the share of it that is over."""
        start = 0.0
        for phase in self._schedule_phases[:-1]:
            if t <= phase["end_step"]:
                break
            start = phase["end_step"]
        else:
            phase = self._schedule_phases[-1]
        return phase, (t - start) / (phase["end_step"] - start)

    def _anneal(self, start, end, share):
        if self._anneal_func_type == "linear":
            return (end - start) * share + start
        return end + (start - end) / 2.0 * (math.cos(math.pi * share) + 1)


def _phases(total_steps: int, pct_start: float, three_phase: bool) -> list[dict]:
    def phase(end_step, start_lr, end_lr, start_momentum, end_momentum):
        return {
            "end_step": end_step,
            "start_lr": f"{start_lr}_lr",
            "end_lr": f"{end_lr}_lr",
            "start_momentum": f"{start_momentum}_momentum",
            "end_momentum": f"{end_momentum}_momentum",
        }

    up = pct_start * total_steps - 1
    down = 2 * pct_start * total_steps - 2
    last = total_steps - 1
    rise = phase(up, "initial", "max", "max", "base")
    if not three_phase:
        return [rise, phase(last, "max", "min", "base", "max")]
    return [
        rise,
        phase(down, "max", "initial", "base", "max"),
        phase(last, "initial", "min", "max", "max"),
    ]


def _require_positive_integer(name: str, value) -> None:
    if not isinstance(value, int) or value <= 0:
        raise ValueError(f"{name}: a positive integer was expected, got {value}")
