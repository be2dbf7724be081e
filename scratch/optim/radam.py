"""RAdam: Adam that waits until it knows the variance of the gradients."""

import math

import numpy as np

from ._averages import average_square, lerp
from ._decay import with_decay
from ._options import require_at_least_0, require_betas
from .optimizer import Optimizer

__all__ = ["RAdam"]

# Below this length of the average its variance is not to be trusted.
_ENOUGH = 5


class RAdam(Optimizer):
    r"""Adam with a rectified variance of its adaptive step size.

    With $\gamma$ = `lr`, $\beta_1, \beta_2$ = `betas`, $\epsilon$ = `eps`,
    $\lambda$ = `weight_decay`, $t$ the number of the step, from 1, and $g$ the gradient
    ($-g$ with `maximize`):

    1. $g \leftarrow g + \lambda\, p$ (an L2 penalty), or, with
       `decoupled_weight_decay`, $p \leftarrow p - \gamma \lambda\, p$;
    2. $m \leftarrow \beta_1 m + (1 - \beta_1)\, g$ and
       $v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2$;
    3. $\hat m = m / (1 - \beta_1^t)$;
    4. $\rho_\infty = 2 / (1 - \beta_2) - 1$ and
       $\rho_t = \rho_\infty - 2 t \beta_2^t / (1 - \beta_2^t)$: the number of gradients
       that the average $v$ is worth, at last and now;
    5. if $\rho_t > 5$: $p \leftarrow p - \gamma\, r_t\, \hat m\,
       \sqrt{1 - \beta_2^t} / (\sqrt{v} + \epsilon)$ with $r_t = \sqrt{
       (\rho_t - 4)(\rho_t - 2) \rho_\infty / ((\rho_\infty - 4)(\rho_\infty - 2)
       \rho_t)}$, else $p \leftarrow p - \gamma\, \hat m$, momentum alone.

    Where PyTorch departs from the paper: the limit is 5, as in the authors' code, not
    4; and $\epsilon$, which the paper's algorithm has not, is added to the root before
    its bias is corrected, so its weight grows as $1 / \sqrt{1 - \beta_2^t}$ does.

    State: `step` $t$, `exp_avg` $m$, `exp_avg_sq` $v$.

    Raises ValueError: a negative `lr`, `eps` or `weight_decay`; betas outside [0, 1).

    Source: Liu et al., On the variance of the adaptive learning rate and beyond, 2020;
    Loshchilov and Hutter, Decoupled weight decay regularization, 2019.
    """

    def __init__(
        self,
        params,
        lr=1e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=0,
        decoupled_weight_decay=False,
        *,
        foreach=None,
        maximize=False,
        capturable=False,
        differentiable=False,
    ):
        require_at_least_0(lr=lr, eps=eps, weight_decay=weight_decay)
        require_betas(betas)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "decoupled_weight_decay": decoupled_weight_decay,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def state_names(self, group):
        return "exp_avg", "exp_avg_sq"

    def update(self, group, p, g, s):
        lr, (beta1, beta2) = group["lr"], group["betas"]
        g = with_decay(group, p, g, group["decoupled_weight_decay"])

        m, v = s.exp_avg, s.exp_avg_sq
        lerp(m, g, 1 - beta1, out=m)
        square = average_square(v, g, beta2)

        rate = lr / (1 - beta1**s.step)
        correction2 = 1 - beta2**s.step
        rho_inf = 2 / (1 - beta2) - 1
        rho = rho_inf - 2 * s.step * beta2**s.step / correction2
        if rho > _ENOUGH:
            r = (rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho)
            root = np.sqrt(v, out=square)
            root += group["eps"]
            step = np.divide(m, root, out=root)
            step *= rate * math.sqrt(r) * math.sqrt(correction2)
        else:
            step = np.multiply(m, rate, out=square)
        p -= step
