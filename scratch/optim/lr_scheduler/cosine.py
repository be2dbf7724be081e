"""Schedules that follow half a wave of the cosine."""

import math

from .scheduler import LRScheduler, values_of

__all__ = ["CosineAnnealingLR", "CosineAnnealingWarmRestarts"]


class CosineAnnealingLR(LRScheduler):
    r"""$\gamma_t = \gamma_{min} + \frac12 (\gamma_0 - \gamma_{min})
    (1 + \cos(\pi t / T))$ with $T$ = `T_max`, $\gamma_{min}$ = `eta_min`.

    After $T$ epochs the rate is lowest, and rises again if the schedule goes on. Each
    rate is made from the one before: $\gamma_t - \gamma_{min} = (\gamma_{t-1} -
    \gamma_{min}) (1 + \cos(\pi t / T)) / (1 + \cos(\pi (t - 1) / T))$, except where the
    denominator is 0.

    Source: Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts,
    2017; PyTorch leaves out the restarts here.
    """

    def __init__(self, optimizer, T_max, eta_min=0.0, last_epoch=-1):
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        self._warn_unless_stepping()
        t, T, low = self.last_epoch, self.T_max, self.eta_min
        if self._is_initial:
            return values_of(self.optimizer, "lr")
        if self._step_count == 1 and t > 0:
            return self._get_closed_form_lr()
        if (t - 1 - T) % (2 * T) == 0:  # the rate before was the lowest
            return [
                group["lr"] + (base - low) * (1 - math.cos(math.pi / T)) / 2
                for base, group in zip(self.base_lrs, self._groups, strict=True)
            ]
        height = 1 + math.cos(math.pi * t / T)
        height_before = 1 + math.cos(math.pi * (t - 1) / T)
        ratio = height / height_before
        return [ratio * (group["lr"] - low) + low for group in self._groups]

    def _get_closed_form_lr(self):
        height = 1 + math.cos(math.pi * self.last_epoch / self.T_max)
        low = self.eta_min
        return [low + (base - low) * height / 2 for base in self.base_lrs]


class CosineAnnealingWarmRestarts(LRScheduler):
    r"""Cosines that start again, each `T_mult` times as long as the one before.

    $\gamma = \gamma_{min} + \frac12 (\gamma_0 - \gamma_{min})
    (1 + \cos(\pi\, T_{cur} / T_i))$ with $T_{cur}$ epochs since the last restart, after
    which there are $T_i$; $T_0$ = `T_0`, $\gamma_{min}$ = `eta_min`. `step` takes a
    fraction of an epoch too. Not chainable.

    As $T_{cur} = T_i$ is already the restart, a schedule in whole epochs never comes to
    $\gamma_{min}$ itself.

    Raises ValueError: `T_0` not a positive integer, `T_mult` not an integer of at least
    1, `eta_min` not a number; a negative epoch.

    Source: Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts,
    2017.
    """

    def __init__(self, optimizer, T_0, T_mult=1, eta_min=0.0, last_epoch=-1):
        if T_0 <= 0 or not isinstance(T_0, int):
            raise ValueError(f"T_0: a positive integer was expected, got {T_0}")
        if T_mult < 1 or not isinstance(T_mult, int):
            raise ValueError(f"T_mult: an integer >= 1 was expected, got {T_mult}")
        if not isinstance(eta_min, float | int):
            raise ValueError(f"eta_min: a number was expected, got {eta_min!r}")
        self.T_0 = T_0
        self.T_i = T_0
        self.T_mult = T_mult
        self.eta_min = eta_min
        self.T_cur = last_epoch
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        self._warn_unless_stepping()
        height = 1 + math.cos(math.pi * self.T_cur / self.T_i)
        low = self.eta_min
        return [low + (base - low) * height / 2 for base in self.base_lrs]

    def step(self, epoch=None):
        if epoch is None and self.last_epoch >= 0:
            epoch = self.last_epoch + 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur %= self.T_i
                self.T_i *= self.T_mult
        else:
            self._jump_to(0 if epoch is None else epoch)
            epoch = 0 if epoch is None else epoch
        self.last_epoch = math.floor(epoch)
        self._set_lrs(self.get_lr)

    def _jump_to(self, epoch):
        """T_i and T_cur at `epoch`, from the sum of a geometric series."""
        if epoch < 0:
            raise ValueError(f"epoch: at least 0 was expected, got {epoch}")
        T_0, k = self.T_0, self.T_mult
        if epoch < T_0:
            self.T_i, self.T_cur = T_0, epoch
        elif k == 1:
            self.T_cur = epoch % T_0
        else:
            n = int(math.log(epoch / T_0 * (k - 1) + 1, k))  # cycles that are over
            self.T_cur = epoch - T_0 * (k**n - 1) / (k - 1)
            self.T_i = T_0 * k**n
