"""Adam: momentum, and a step size for each parameter of its own."""

import math

import numpy as np

from ._averages import average_square, lerp
from ._decay import with_decay
from ._options import require_at_least_0, require_betas
from .optimizer import Optimizer

__all__ = ["Adam"]


class Adam(Optimizer):
    r"""Adam, adaptive moment estimation.

    With $\gamma$ = `lr`, $\beta_1, \beta_2$ = `betas`, $\epsilon$ = `eps`,
    $\lambda$ = `weight_decay`, $t$ the number of the step, from 1, and $g$ the gradient
    ($-g$ with `maximize`):

    1. $g \leftarrow g + \lambda\, p$ (an L2 penalty), or, with
       `decoupled_weight_decay`, $p \leftarrow p - \gamma \lambda\, p$;
    2. $m \leftarrow \beta_1 m + (1 - \beta_1)\, g = m + (1 - \beta_1)(g - m)$;
    3. $v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2$;
    4. $\hat m = m / (1 - \beta_1^t)$ and $\hat v = v / (1 - \beta_2^t)$: both averages
       start from 0, and the corrections make them averages of what came so far;
    5. $p \leftarrow p - \gamma\, \hat m / (\sqrt{\hat v} + \epsilon)$.

    With `amsgrad`, $\hat v$ is made of the largest $v$ so far.

    Where PyTorch departs from the paper: $\epsilon$ is added after the correction of
    the root, as in the paper's Algorithm 1, not before it as in its faster form of
    section 2 ("epsilon hat"); the two differ by $\sqrt{1 - \beta_2^t}$ in the early
    steps. AMSGrad's maximum is over the uncorrected $v$, and then corrected as if it
    were the newest; the paper has no correction. The L2 penalty goes through both
    averages and is divided by $\sqrt{\hat v}$ as well: it does not shrink all weights
    alike, which only the decoupled decay does.

    State: `step` $t$, `exp_avg` $m$, `exp_avg_sq` $v$, and `max_exp_avg_sq`.

    Raises ValueError: a negative `lr`, `eps` or `weight_decay`; betas outside [0, 1).

    Source: Kingma and Ba, Adam: a method for stochastic optimization, 2015; Reddi et
    al., On the convergence of Adam and beyond, 2018 (AMSGrad); Loshchilov and Hutter,
    Decoupled weight decay regularization, 2019.
    """

    def __init__(
        self,
        params,
        lr=1e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=0,
        amsgrad=False,
        *,
        foreach=None,
        maximize=False,
        capturable=False,
        differentiable=False,
        fused=None,
        decoupled_weight_decay=False,
    ):
        require_at_least_0(lr=lr, eps=eps, weight_decay=weight_decay)
        require_betas(betas)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
            "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, defaults)
        if fused and (foreach or differentiable):
            raise RuntimeError("fused: does not go with foreach or differentiable")

    def state_names(self, group):
        names = ("exp_avg", "exp_avg_sq")
        return (*names, "max_exp_avg_sq") if group["amsgrad"] else names

    def update(self, group, p, g, s):
        lr, (beta1, beta2) = group["lr"], group["betas"]
        g = with_decay(group, p, g, group["decoupled_weight_decay"])

        m, v = s.exp_avg, s.exp_avg_sq
        lerp(m, g, 1 - beta1, out=m)
        average_square(v, g, beta2)
        if group["amsgrad"]:
            v = np.maximum(s.max_exp_avg_sq, v, out=s.max_exp_avg_sq)

        root = np.sqrt(v)
        root /= math.sqrt(1 - beta2**s.step)
        root += group["eps"]
        np.divide(m, root, out=root)
        root *= lr / (1 - beta1**s.step)
        p -= root
