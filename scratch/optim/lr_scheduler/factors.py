"""Schedules that multiply the rate by a factor."""

from bisect import bisect_right
from collections import Counter

from .scheduler import (
    LRScheduler,
    load_functions,
    one_for_each_group,
    state_of_functions,
    values_of,
)

__all__ = [
    "ConstantLR",
    "ExponentialLR",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "PolynomialLR",
    "StepLR",
]


class _FunctionLR(LRScheduler):
    """A schedule with a function of the epoch, for all groups or for each of them."""

    def __init__(self, optimizer, lr_lambda, last_epoch=-1):
        self.optimizer = optimizer
        self.lr_lambdas = one_for_each_group("lr_lambda", optimizer, lr_lambda)
        self._check()
        super().__init__(optimizer, last_epoch)

    def _check(self):
        pass

    def state_dict(self):
        """The functions are left out; of callable objects, the attributes are kept."""
        state = super().state_dict()
        return {**state, "lr_lambdas": state_of_functions(self.lr_lambdas)}

    def load_state_dict(self, state_dict):
        state = dict(state_dict)
        load_functions(self.lr_lambdas, state.pop("lr_lambdas"))
        super().load_state_dict(state)


class LambdaLR(_FunctionLR):
    r"""$\gamma_t = \gamma_0\, f(t)$ with $f$ = `lr_lambda`.

    `lr_lambda` is a function, or a list of one for each group. Not chainable.

    Raises ValueError: a list of another length.
    """

    def get_lr(self):
        self._warn_unless_stepping()
        return [
            base * f(self.last_epoch)
            for base, f in zip(self.base_lrs, self.lr_lambdas, strict=True)
        ]


class MultiplicativeLR(_FunctionLR):
    r"""$\gamma_t = \gamma_{t-1} f(t)$ with $f$ = `lr_lambda`, from $t = 1$ on.

    `lr_lambda` is a function, or a list of one for each group.

    Raises:
        ValueError: a list of another length.
        TypeError: something that cannot be called.
    """

    def _check(self):
        for f in self.lr_lambdas:
            if not callable(f):
                kind = type(f).__name__
                raise TypeError(f"lr_lambda: a function was expected, got {kind}")

    def get_lr(self):
        self._warn_unless_stepping()
        if self._is_initial:
            return values_of(self.optimizer, "lr")
        return [
            group["lr"] * f(self.last_epoch)
            for group, f in zip(self._groups, self.lr_lambdas, strict=True)
        ]


class _FactorLR(LRScheduler):
    r"""$\gamma_t = \gamma_{t-1} c_t$, in closed form $\gamma_0 C_t$.

    A subclass says what $c_t$ is (`_factor`; None leaves the rate alone) and $C_t$
    (`_closed_factor`).
    """

    def get_lr(self):
        self._warn_unless_stepping()
        factor = self._factor(self.last_epoch)
        if factor is None:
            return values_of(self.optimizer, "lr")
        return [group["lr"] * factor for group in self._groups]

    def _get_closed_form_lr(self):
        factor = self._closed_factor(self.last_epoch)
        return [base * factor for base in self.base_lrs]


class StepLR(_FactorLR):
    r"""$\gamma_t = \gamma_0\, g^{\lfloor t / n \rfloor}$, $g$ = `gamma`, $n$ =
    `step_size`: a drop after every $n$ epochs.
    """

    def __init__(self, optimizer, step_size, gamma=0.1, last_epoch=-1):
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _factor(self, t):
        return self.gamma if t != 0 and t % self.step_size == 0 else None

    def _closed_factor(self, t):
        return self.gamma ** (t // self.step_size)


class MultiStepLR(_FactorLR):
    r"""$\gamma_t = \gamma_0\, g^k$, $g$ = `gamma`, $k$ the number of `milestones` that
    are not after $t$; one that is named twice counts twice.
    """

    def __init__(self, optimizer, milestones, gamma=0.1, last_epoch=-1):
        self.milestones = Counter(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _factor(self, t):
        return self.gamma ** self.milestones[t] if t in self.milestones else None

    def _closed_factor(self, t):
        return self.gamma ** bisect_right(sorted(self.milestones.elements()), t)


class ConstantLR(_FactorLR):
    r"""$\gamma_t = c\, \gamma_0$ with $c$ = `factor` while $t$ < `total_iters`, then
    $\gamma_0$.

    Raises ValueError: `factor` outside [0, 1]. With a factor of 0 the way back divides
    by zero, as in PyTorch.
    """

    def __init__(self, optimizer, factor=1.0 / 3, total_iters=5, last_epoch=-1):
        if not 0 <= factor <= 1:
            raise ValueError(f"factor: expected in [0, 1], got {factor}")
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def _factor(self, t):
        if t == 0:
            return self.factor
        return 1.0 / self.factor if t == self.total_iters else None

    def _closed_factor(self, t):
        return self.factor + (t >= self.total_iters) * (1 - self.factor)


class LinearLR(_FactorLR):
    r"""$\gamma_t = \gamma_0\, (a + (b - a) \min(t, T) / T)$ with $a$ = `start_factor`,
    $b$ = `end_factor`, $T$ = `total_iters`: a warm-up.

    The first step is taken at $a \gamma_0$, and $a$ cannot be 0: a warm-up from a rate
    of 0 would waste a step.

    Raises ValueError: `start_factor` outside (0, 1], `end_factor` outside [0, 1].
    """

    def __init__(
        self,
        optimizer,
        start_factor=1.0 / 3,
        end_factor=1.0,
        total_iters=5,
        last_epoch=-1,
    ):
        if not 0 < start_factor <= 1:
            raise ValueError(f"start_factor: expected in (0, 1], got {start_factor}")
        if not 0 <= end_factor <= 1:
            raise ValueError(f"end_factor: expected in [0, 1], got {end_factor}")
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def _factor(self, t):
        if t == 0:
            return self.start_factor
        if self._is_initial or t > self.total_iters:
            return None
        rise = self.end_factor - self.start_factor
        return 1.0 + rise / (self.total_iters * self.start_factor + (t - 1) * rise)

    def _closed_factor(self, t):
        rise = self.end_factor - self.start_factor
        return self.start_factor + rise * min(self.total_iters, t) / self.total_iters


class ExponentialLR(_FactorLR):
    r"""$\gamma_t = \gamma_0\, g^t$ with $g$ = `gamma`."""

    def __init__(self, optimizer, gamma, last_epoch=-1):
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _factor(self, t):
        return None if self._is_initial else self.gamma

    def _closed_factor(self, t):
        return self.gamma**t


class PolynomialLR(_FactorLR):
    r"""$\gamma_t = \gamma_0\, (1 - \min(t, T) / T)^k$ with $T$ = `total_iters`, $k$ =
    `power`.
    """

    def __init__(self, optimizer, total_iters=5, power=1.0, last_epoch=-1):
        self.total_iters = total_iters
        self.power = power
        super().__init__(optimizer, last_epoch)

    def _factor(self, t):
        if self._is_initial or t > self.total_iters:
            return None
        share, share_before = (
            1.0 - t / self.total_iters,
            1.0 - (t - 1) / self.total_iters,
        )
        return (share / share_before) ** self.power

    def _closed_factor(self, t):
        return (1.0 - min(self.total_iters, t) / self.total_iters) ** self.power
