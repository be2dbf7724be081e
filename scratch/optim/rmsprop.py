"""RMSprop: gradients divided by their recent size."""

import numpy as np

from ._averages import average_square, lerp
from ._decay import with_decay
from ._options import require_at_least_0
from .optimizer import Optimizer

__all__ = ["RMSprop"]


class RMSprop(Optimizer):
    r"""RMSprop, gradients over the root of a running mean of their squares.

    With $\gamma$ = `lr`, $\alpha$ = `alpha`, $\epsilon$ = `eps`,
    $\lambda$ = `weight_decay`, $\mu$ = `momentum`, and $g$ the gradient ($-g$ with
    `maximize`):

    1. $g \leftarrow g + \lambda\, p$ (an L2 penalty);
    2. $v \leftarrow \alpha v + (1 - \alpha)\, g^2$;
    3. $d = \sqrt v + \epsilon$; if `centered`,
       $a \leftarrow \alpha a + (1 - \alpha)\, g$ and
       $d = \sqrt{v - a^2} + \epsilon$: the deviation from the mean gradient;
    4. $b \leftarrow \mu\, b + g / d$ and $p \leftarrow p - \gamma\, b$; without
       momentum, $p \leftarrow p - \gamma\, g / d$.

    Where PyTorch departs from the sources: $\epsilon$ is added to the root, where
    TensorFlow, and Graves with his 0.0001, put it inside; the rate multiplies the
    momentum, $p - \gamma b$, where Graves folds it in, $b = \mu b - \gamma g / d$. The
    averages start at 0 and are not corrected for it, so the first steps are larger by
    $1 / \sqrt{1 - \alpha^t}$. While the gradient stays the same, $v - a^2$ tends to 0,
    and rounding makes some of it negative: PyTorch's parameters then turn into NaN;
    here it is taken for 0.

    State: `step` (counted, not used), `square_avg` $v$; with momentum,
    `momentum_buffer` $b$; if centered, `grad_avg` $a$.

    Raises ValueError: a negative `lr`, `alpha`, `eps`, `weight_decay` or `momentum`.

    Source: Tieleman and Hinton, Lecture 6.5 of Neural networks for machine learning,
    2012; Graves, Generating sequences with recurrent neural networks, 2013 (centered).
    """

    def __init__(
        self,
        params,
        lr=1e-2,
        alpha=0.99,
        eps=1e-8,
        weight_decay=0,
        momentum=0,
        centered=False,
        capturable=False,
        foreach=None,
        maximize=False,
        differentiable=False,
    ):
        require_at_least_0(
            lr=lr, eps=eps, momentum=momentum, weight_decay=weight_decay, alpha=alpha
        )
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "alpha": alpha,
            "eps": eps,
            "centered": centered,
            "weight_decay": weight_decay,
            "capturable": capturable,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def state_names(self, group):
        names = ("square_avg",)
        if group["momentum"] > 0:
            names += ("momentum_buffer",)
        if group["centered"]:
            names += ("grad_avg",)
        return names

    def update(self, group, p, g, s):
        alpha = group["alpha"]
        g = with_decay(group, p, g)

        v = s.square_avg
        work = average_square(v, g, alpha)
        if group["centered"]:
            a = s.grad_avg
            lerp(a, g, 1 - alpha, out=a)
            np.multiply(a, a, out=work)
            variance = np.subtract(v, work, out=work)
            np.clip(variance, 0, np.inf, out=variance)
        else:
            variance = v
        root = np.sqrt(variance, out=work)
        root += group["eps"]

        step = np.divide(g, root, out=root)
        if group["momentum"] > 0:
            b = s.momentum_buffer
            b *= group["momentum"]
            b += step
            np.multiply(b, group["lr"], out=step)
        else:
            step *= group["lr"]
        p -= step
