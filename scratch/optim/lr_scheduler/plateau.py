"""A schedule that watches a metric."""

import math

from .scheduler import LRScheduler, require_optimizer, values_of, warn_of_epoch

__all__ = ["ReduceLROnPlateau"]


class ReduceLROnPlateau(LRScheduler):
    r"""Multiplies the rate by `factor` when a metric has stopped to improve.

    `step(metrics)` compares with the best so far. Better means lower than
    best $(1 - \theta)$ for `mode` "min", higher than best $(1 + \theta)$ for "max",
    with $\theta$ = `threshold` and `threshold_mode` "rel"; with "abs" it means lower
    than best $- \theta$, higher than best $+ \theta$. After more than `patience` epochs
    in a row that were not better the rate is reduced, to no less than `min_lr` (a
    number, or one for each group), and then `cooldown` epochs are not counted. A
    reduction by no more than `eps` is left out.

    Raises:
        TypeError: `optimizer` is no optimiser.
        ValueError: `factor` of 1 or more; an unknown `mode` or `threshold_mode`; a list
            of `min_lr` whose length is not the number of groups.
        RuntimeError: at a reduction, a list of `min_lr` and a group that came later.
    """

    def __init__(
        self,
        optimizer,
        mode="min",
        factor=0.1,
        patience=10,
        threshold=1e-4,
        threshold_mode="rel",
        cooldown=0,
        min_lr=0,
        eps=1e-8,
    ):
        if factor >= 1:
            raise ValueError(f"factor: less than 1 was expected, got {factor}")
        self.factor = factor
        require_optimizer(optimizer)
        self.optimizer = optimizer
        groups = len(optimizer.param_groups)
        if isinstance(min_lr, list | tuple):
            if len(min_lr) != groups:
                raise ValueError(f"min_lr: {groups} expected, got {len(min_lr)}")
            self.default_min_lr = None
            self.min_lrs = list(min_lr)
        else:
            self.default_min_lr = min_lr
            self.min_lrs = [min_lr] * groups
        if mode not in ("min", "max"):
            raise ValueError(f"mode: 'min' or 'max' was expected, got {mode!r}")
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(
                f"threshold_mode: 'rel' or 'abs' was expected, got {threshold_mode!r}"
            )
        self.patience = patience
        self.cooldown = cooldown
        self.eps = eps
        self.mode = mode
        self.threshold = threshold
        self.threshold_mode = threshold_mode
        self.mode_worse = math.inf if mode == "min" else -math.inf
        self.last_epoch = 0
        self._last_lr = values_of(optimizer, "lr")
        self.best = self.mode_worse
        self.cooldown_counter = 0
        self.num_bad_epochs = 0

    def step(self, metrics, epoch=None):
        current = float(metrics)
        if epoch is None:
            epoch = self.last_epoch + 1
        else:
            warn_of_epoch()
        self.last_epoch = epoch

        if self._is_better(current):
            self.best = current
            self.num_bad_epochs = 0
        else:
            self.num_bad_epochs += 1
        if self.in_cooldown:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce_lr()
            self.cooldown_counter = self.cooldown
            self.num_bad_epochs = 0
        self._last_lr = values_of(self.optimizer, "lr")

    @property
    def in_cooldown(self) -> bool:
        return self.cooldown_counter > 0

    def _is_better(self, a):
        best, threshold = self.best, self.threshold
        if self.threshold_mode == "rel":
            if self.mode == "min":
                return a < best * (1.0 - threshold)
            return a > best * (threshold + 1.0)
        return a < best - threshold if self.mode == "min" else a > best + threshold

    def _reduce_lr(self):
        groups = self.optimizer.param_groups
        if len(self.min_lrs) != len(groups):
            if self.default_min_lr is None:
                raise RuntimeError(
                    f"min_lr: {len(self.min_lrs)} were given, but the optimiser has "
                    f"{len(groups)} groups now; set min_lrs"
                )
            self.min_lrs = [self.default_min_lr] * len(groups)
        for group, lowest in zip(groups, self.min_lrs, strict=True):
            lr = float(group["lr"])
            reduced = max(lr * self.factor, lowest)
            if lr - reduced > self.eps:
                group["lr"] = reduced
