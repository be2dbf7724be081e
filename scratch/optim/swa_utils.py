"""Averaging the weights of training: stochastic weight averaging and its relatives."""

import math
from copy import deepcopy

import numpy as np

from ..module import Module
from ..nn.batchnorm import BatchNorm
from ._averages import lerp
from .lr_scheduler.scheduler import LRScheduler, one_for_each_group

__all__ = [
    "SWALR",
    "AveragedModel",
    "get_ema_avg_fn",
    "get_ema_multi_avg_fn",
    "get_swa_avg_fn",
    "get_swa_multi_avg_fn",
    "update_bn",
]


def get_ema_avg_fn(decay=0.999):
    r"""The exponential moving average.

    $\bar w \leftarrow \delta \bar w + (1 - \delta)\, w$ with $\delta$ = `decay`.

    Raises ValueError: `decay` outside [0, 1].
    """
    _require_decay(decay)

    def average(averaged, current, num_averaged):
        return decay * averaged + (1 - decay) * current

    return average


def get_ema_multi_avg_fn(decay=0.999):
    """`get_ema_avg_fn`, on lists of arrays and in place."""
    _require_decay(decay)
    average = get_ema_avg_fn(decay)

    def average_all(averaged, current, num_averaged):
        for a, c in zip(averaged, current, strict=True):
            if np.issubdtype(a.dtype, np.floating):
                lerp(a, c, 1 - decay, out=a)
            else:
                np.copyto(a, average(a, c, num_averaged), casting="unsafe")

    return average_all


def get_swa_avg_fn():
    r"""The mean: $\bar w \leftarrow \bar w + (w - \bar w) / (n + 1)$, $n$ the count."""

    def average(averaged, current, num_averaged):
        return averaged + (current - averaged) / (num_averaged + 1)

    return average


def get_swa_multi_avg_fn():
    """`get_swa_avg_fn`, on lists of arrays and in place.

    PyTorch computes the weight 1 / (n + 1) in float32 for every dtype; it is a Python
    float here, so a float64 average is one.
    """
    average = get_swa_avg_fn()

    def average_all(averaged, current, num_averaged):
        for a, c in zip(averaged, current, strict=True):
            if np.issubdtype(a.dtype, np.floating):
                lerp(a, c, 1 / (num_averaged + 1), out=a)
            else:
                np.copyto(a, average(a, c, num_averaged), casting="unsafe")

    return average_all


class AveragedModel(Module):
    """A copy of `model` whose parameters are averages over training.

    `update_parameters(model)` takes the parameters of `model` into the average; the
    first time they are copied. `avg_fn(averaged, current, n)` returns the new average
    of one array after n models; `multi_avg_fn` gets a list of each, of one dtype, and
    writes to the first; by default it is the mean (`get_swa_avg_fn`). Buffers are
    averaged too with `use_buffers`, else copied. A call runs the copy, `module`.

    State: `n_averaged`, the number of models so far, and `module.` with the names of
    `model`.

    Raises AssertionError: both `avg_fn` and `multi_avg_fn`.

    Source: Izmailov et al., Averaging weights leads to wider optima and better
    generalization, 2018; Polyak and Juditsky, Acceleration of stochastic approximation
    by averaging, 1992.
    """

    def __init__(self, model, avg_fn=None, multi_avg_fn=None, use_buffers=False):
        if avg_fn is not None and multi_avg_fn is not None:
            raise AssertionError("avg_fn, multi_avg_fn: at most one was expected")
        self.module = deepcopy(model)
        self.register_buffer("n_averaged", np.array(0, np.int64))
        self.avg_fn = avg_fn
        self.multi_avg_fn = multi_avg_fn
        self.use_buffers = use_buffers

    def forward(self, *inputs, **options):
        return self.module(*inputs, **options)

    def update_parameters(self, model) -> None:
        averaged = [p.data for p in self.module.parameters()]
        current = [p.data for p in model.parameters()]
        own_buffers, buffers = list(self.module.buffers()), list(model.buffers())
        if self.use_buffers:
            averaged, current = averaged + own_buffers, current + buffers
        else:
            _copy(own_buffers, buffers)

        n = int(self.n_averaged)
        if n == 0:
            _copy(averaged, current)
        elif self.multi_avg_fn is not None:
            for dtype in dict.fromkeys(a.dtype for a in averaged):
                alike = [i for i, a in enumerate(averaged) if a.dtype == dtype]
                self.multi_avg_fn(
                    [averaged[i] for i in alike], [current[i] for i in alike], n
                )
        else:
            average = self.avg_fn or get_swa_avg_fn()
            for a, c in zip(averaged, current, strict=True):
                np.copyto(a, average(a, c, n), casting="unsafe")
        self.n_averaged += 1


def update_bn(loader, model) -> None:
    """Give batch norms the statistics that fit weights which have been averaged.

    One pass over `loader`, which yields arrays, or tuples or lists of which the first
    item is one. All running statistics become means over these batches; the momentum
    of each norm and the mode of the model are afterwards as before.
    """
    norms = [m for m in model.modules() if isinstance(m, BatchNorm)]
    if not norms:
        return
    momenta, was_training = [norm.momentum for norm in norms], model.training
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    model.train()
    for batch in loader:
        model(batch[0] if isinstance(batch, tuple | list) else batch)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    model.train(was_training)


class SWALR(LRScheduler):
    r"""Takes the rate of each group to a constant `swa_lr`, where averaging begins.

    $\gamma_t = \alpha\, \gamma_{swa} + (1 - \alpha)\, \gamma_0$ where $\alpha$ goes
    from 0 to 1 in `anneal_epochs` steps, as $t / T$ ("linear") or
    $\frac12 (1 - \cos(\pi t / T))$ ("cos"). $\gamma_0$ is found from the present rate
    by the same formula, so that another schedule may be at work as well. `swa_lr` is a
    number, or a list of one for each group; it stands in the groups as "swa_lr".

    Raises ValueError: a list of another length; `anneal_epochs` not an integer of at
    least 0; an unknown `anneal_strategy`.

    Source: Izmailov et al., Averaging weights leads to wider optima and better
    generalization, 2018.
    """

    def __init__(
        self,
        optimizer,
        swa_lr,
        anneal_epochs=10,
        anneal_strategy="cos",
        last_epoch=-1,
    ):
        rates = one_for_each_group("swa_lr", optimizer, swa_lr)
        for rate, group in zip(rates, optimizer.param_groups, strict=True):
            group["swa_lr"] = rate
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                f"anneal_strategy: 'cos' or 'linear' expected, got {anneal_strategy!r}"
            )
        self._anneal_strategy = anneal_strategy
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(
                f"anneal_epochs: an integer >= 0 was expected, got {anneal_epochs}"
            )
        self.anneal_epochs = anneal_epochs
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        self._warn_unless_stepping()
        step = self._step_count - 1
        if self.anneal_epochs == 0:
            step = max(1, step)
        before, now = self._share(step - 1), self._share(step)
        return [
            group["swa_lr"] * now
            + _rate_at_start(group["lr"], group["swa_lr"], before) * (1 - now)
            for group in self._groups
        ]

    def _share(self, step):
        t = max(0, min(1, step / max(1, self.anneal_epochs)))
        return (
            t if self._anneal_strategy == "linear" else (1 - math.cos(math.pi * t)) / 2
        )


def _rate_at_start(lr, swa_lr, share):
    """The rate of which `lr` is the mixture with a share of `swa_lr`."""
    return swa_lr if share == 1 else (lr - share * swa_lr) / (1 - share)


def _copy(targets, sources) -> None:
    for target, source in zip(targets, sources, strict=True):
        target[...] = source


def _require_decay(decay) -> None:
    if not 0 <= decay <= 1:
        raise ValueError(f"decay: expected in [0, 1], got {decay}")
