"""Adamax: Adam, scaled by the largest gradient instead of the root mean square."""

import numpy as np

from ._averages import lerp
from ._decay import with_decay
from ._options import require_at_least_0, require_betas
from .optimizer import Optimizer

__all__ = ["Adamax"]


class Adamax(Optimizer):
    r"""Adamax, Adam with the infinity norm.

    With $\gamma$ = `lr`, $\beta_1, \beta_2$ = `betas`, $\epsilon$ = `eps`,
    $\lambda$ = `weight_decay`, $t$ the number of the step, from 1, and $g$ the gradient
    ($-g$ with `maximize`):

    1. $g \leftarrow g + \lambda\, p$ (an L2 penalty);
    2. $m \leftarrow \beta_1 m + (1 - \beta_1)\, g$;
    3. $u \leftarrow \max(\beta_2 u, |g| + \epsilon)$: the limit of Adam's root of a
       running mean of $|g|^k$ for $k \to \infty$;
    4. $p \leftarrow p - \gamma / (1 - \beta_1^t) \cdot m / u$. A maximum is not biased
       towards its initial 0, so $u$ needs no correction.

    Where PyTorch departs from the paper: $\epsilon$, which the paper does without, is
    added to $|g|$ before the maximum, so $u$ decays to no less than $\epsilon$.

    State: `step` $t$, `exp_avg` $m$, `exp_inf` $u$.

    Raises ValueError: a negative `lr`, `eps` or `weight_decay`; betas outside [0, 1).

    Source: Kingma and Ba, Adam: a method for stochastic optimization, 2015, section 7.
    """

    def __init__(
        self,
        params,
        lr=2e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=0,
        foreach=None,
        *,
        maximize=False,
        differentiable=False,
        capturable=False,
    ):
        require_at_least_0(lr=lr, eps=eps, weight_decay=weight_decay)
        require_betas(betas)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def state_names(self, group):
        return "exp_avg", "exp_inf"

    def update(self, group, p, g, s):
        beta1, beta2 = group["betas"]
        g = with_decay(group, p, g)

        m, u = s.exp_avg, s.exp_inf
        lerp(m, g, 1 - beta1, out=m)
        u *= beta2
        size = np.abs(g)
        size += group["eps"]
        np.maximum(u, size, out=u)

        step = np.divide(m, u, out=size)
        step *= group["lr"] / (1 - beta1**s.step)
        p -= step
