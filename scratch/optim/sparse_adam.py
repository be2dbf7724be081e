"""Adam for embeddings: rows without a gradient stay as they are."""

import math

import numpy as np

from .._sparse import SparseGradient
from ._averages import lerp
from ._options import require_betas
from ._pieces import update_rows
from .optimizer import Optimizer

__all__ = ["SparseAdam"]


class SparseAdam(Optimizer):
    r"""Adam that touches only those rows that a sparse gradient names.

    With $\gamma$ = `lr`, $\beta_1, \beta_2$ = `betas`, $\epsilon$ = `eps`, $t$ the
    number of the step, from 1, and $g$ the gradient ($-g$ with `maximize`), for each
    row that `grad` names (one that it names twice has the sum as its gradient):

    1. $m \leftarrow \beta_1 m + (1 - \beta_1)\, g$ and
       $v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2$;
    2. $p \leftarrow p - \gamma \sqrt{1 - \beta_2^t} / (1 - \beta_1^t) \cdot m /
       (\sqrt v + \epsilon)$.

    It is no Adam with sums left out: Adam would let the averages of all other rows
    decay and move these rows on by their momentum. And $t$ counts the steps of the
    parameter, not of the row, so a row that is used for the first time late gets
    averages of one gradient without the corrections that an average of one needs.

    Where PyTorch departs from its Adam: $\epsilon$ is added to the root before its bias
    is corrected (the paper's faster form, "epsilon hat").

    A parameter's `grad` is a `SparseGradient`, as the way back of an embedding with
    `sparse=True` hands it to `Parameter.accumulate`.

    State: `step` $t$, `exp_avg` $m$, `exp_avg_sq` $v$, both dense.

    Raises:
        ValueError: `lr` or `eps` not above 0; betas outside [0, 1).
        RuntimeError: at a step, a gradient that is not sparse.

    Source: Kingma and Ba, Adam: a method for stochastic optimization, 2015.
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, maximize=False):
        for name, value in ("lr", lr), ("eps", eps):
            if np.size(value) != 1 or not value > 0:
                raise ValueError(f"{name}: a number above 0 was expected, got {value}")
        require_betas(betas)
        defaults = {"lr": lr, "betas": betas, "eps": eps, "maximize": maximize}
        super().__init__(params, defaults)

    def state_names(self, group):
        return "exp_avg", "exp_avg_sq"

    def step_group(self, group, params):
        for parameter in params:
            if not isinstance(parameter.grad, SparseGradient):
                raise RuntimeError(
                    "SparseAdam does not support dense gradients; Adam does"
                )
        for parameter in params:
            update_rows(self, group, parameter)

    def update(self, group, p, g, s):
        lr, (beta1, beta2) = group["lr"], group["betas"]
        if group["maximize"]:
            g = -g

        m, v = s.exp_avg, s.exp_avg_sq
        lerp(m, g, 1 - beta1, out=m)
        square = g * g
        lerp(v, square, 1 - beta2, out=v)

        root = np.sqrt(v, out=square)
        root += group["eps"]
        step = np.divide(m, root, out=root)
        step *= lr * math.sqrt(1 - beta2**s.step) / (1 - beta1**s.step)
        p -= step
