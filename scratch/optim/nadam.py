"""NAdam: Adam with Nesterov's momentum."""

import numpy as np

from ._averages import average_square, lerp
from ._decay import with_decay
from ._options import require_at_least_0, require_betas
from .optimizer import Optimizer

__all__ = ["NAdam"]


class NAdam(Optimizer):
    r"""Adam whose momentum looks one step ahead, with a momentum that warms up.

    With $\gamma$ = `lr`, $\beta_1, \beta_2$ = `betas`, $\epsilon$ = `eps`,
    $\lambda$ = `weight_decay`, $\psi$ = `momentum_decay`, $t$ the number of the step,
    from 1, and $g$ the gradient ($-g$ with `maximize`):

    1. $g \leftarrow g + \lambda\, p$ (an L2 penalty), or, with
       `decoupled_weight_decay`, $p \leftarrow p - \gamma \lambda\, p$;
    2. $\mu_t = \beta_1 (1 - \frac12\, 0.96^{t \psi})$ and
       $\pi_t = \mu_1 \mu_2 \cdots \mu_t$;
    3. $m \leftarrow \beta_1 m + (1 - \beta_1)\, g$;
    4. $v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2$;
    5. $\hat m = \mu_{t+1}\, m / (1 - \pi_{t+1}) + (1 - \mu_t)\, g / (1 - \pi_t)$: where
       Adam has the momentum of this step, Nesterov has that of the next one and the
       gradient on its own;
    6. $p \leftarrow p - \gamma\, \hat m / (\sqrt{v / (1 - \beta_2^t)} + \epsilon)$.

    Where PyTorch departs from the paper: the average $m$ decays with the constant
    $\beta_1$, not with $\mu_t$, and the warm-up's exponent is $t \psi$ with
    $\psi = 0.004$. The bias of $m$ and $g$ is corrected by the paper's products all the
    same. $\epsilon$ is added to the corrected root, as in Adam. The product $\pi_t$ is
    kept in float32 for every dtype of parameters, which limits float64 to about 7
    digits; and when a state is loaded, PyTorch converts it to the parameter's dtype,
    but this class does not.

    State: `step` $t$, `mu_product` $\pi_t$ (float32), `exp_avg` $m$, `exp_avg_sq` $v$.

    Raises ValueError: a negative `lr`, `eps`, `weight_decay` or `momentum_decay`; betas
    outside [0, 1).

    Source: Dozat, Incorporating Nesterov momentum into Adam, 2016; Loshchilov and
    Hutter, Decoupled weight decay regularization, 2019.
    """

    numbers = ("mu_product",)

    def __init__(
        self,
        params,
        lr=2e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=0,
        momentum_decay=4e-3,
        decoupled_weight_decay=False,
        *,
        foreach=None,
        maximize=False,
        capturable=False,
        differentiable=False,
    ):
        require_at_least_0(
            lr=lr, eps=eps, weight_decay=weight_decay, momentum_decay=momentum_decay
        )
        require_betas(betas)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def state_names(self, group):
        return "exp_avg", "exp_avg_sq"

    def initial_value(self, group, name):
        return 1.0 if name == "mu_product" else 0.0

    def advance(self, group, s):
        s.mu_product = np.float32(s.mu_product) * np.float32(momentum(group, s.step))

    def update(self, group, p, g, s):
        lr, (beta1, beta2) = group["lr"], group["betas"]
        g = with_decay(group, p, g, group["decoupled_weight_decay"])

        m, v = s.exp_avg, s.exp_avg_sq
        lerp(m, g, 1 - beta1, out=m)
        square = average_square(v, g, beta2)

        mu, mu_next = momentum(group, s.step), momentum(group, s.step + 1)
        step = g * (lr * (1 - mu) / (1 - s.mu_product))
        step += m * (lr * mu_next / (1 - s.mu_product * mu_next))
        root = np.divide(v, 1 - beta2**s.step, out=square)
        np.sqrt(root, out=root)
        root += group["eps"]
        step /= root
        p -= step


def momentum(group: dict, t: int) -> float:
    """mu_t; 0.96 and 1/2 are the paper's constants."""
    return group["betas"][0] * (1 - 0.5 * 0.96 ** (t * group["momentum_decay"]))
