"""Adadelta: steps in the units of the parameters, without a rate."""

import numpy as np

from ._averages import average_square
from ._decay import with_decay
from ._options import require_at_least_0
from .optimizer import Optimizer

__all__ = ["Adadelta"]


class Adadelta(Optimizer):
    r"""Adadelta, which measures its steps by its own past steps.

    With $\gamma$ = `lr`, $\rho$ = `rho`, $\epsilon$ = `eps`,
    $\lambda$ = `weight_decay`, and $g$ the gradient ($-g$ with `maximize`):

    1. $g \leftarrow g + \lambda\, p$ (an L2 penalty);
    2. $v \leftarrow \rho\, v + (1 - \rho)\, g^2$;
    3. $\Delta = g \sqrt{u + \epsilon} / \sqrt{v + \epsilon}$: a gradient has the unit
       1/parameter, its root mean square too, and $\sqrt u$ that of the parameter;
    4. $u \leftarrow \rho\, u + (1 - \rho)\, \Delta^2$;
    5. $p \leftarrow p - \gamma\, \Delta$.

    Where PyTorch departs from the paper: the paper has no rate, which is the same as
    the default of 1. $u$ collects the steps before the rate multiplies them. As in the
    paper, $\epsilon$ is inside both roots, where it alone makes the first step larger
    than 0, and no average is corrected for its start from 0.

    State: `step` (counted, not used), `square_avg` $v$, `acc_delta` $u$.

    Raises ValueError: a negative `lr`, `eps` or `weight_decay`; `rho` outside [0, 1].

    Source: Zeiler, ADADELTA: an adaptive learning rate method, 2012.
    """

    def __init__(
        self,
        params,
        lr=1.0,
        rho=0.9,
        eps=1e-6,
        weight_decay=0,
        foreach=None,
        *,
        capturable=False,
        maximize=False,
        differentiable=False,
    ):
        require_at_least_0(lr=lr, eps=eps, weight_decay=weight_decay)
        if not 0 <= rho <= 1:
            raise ValueError(f"rho: expected in [0, 1], got {rho}")
        defaults = {
            "lr": lr,
            "rho": rho,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "capturable": capturable,
            "foreach": foreach,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def state_names(self, group):
        return "square_avg", "acc_delta"

    def update(self, group, p, g, s):
        rho, eps = group["rho"], group["eps"]
        g = with_decay(group, p, g)

        v, u = s.square_avg, s.acc_delta
        square = average_square(v, g, rho)

        root = np.add(v, eps, out=square)
        np.sqrt(root, out=root)
        delta = u + eps
        np.sqrt(delta, out=delta)
        delta /= root
        delta *= g

        square = np.multiply(delta, 1 - rho, out=root)
        square *= delta
        u *= rho
        u += square
        delta *= group["lr"]
        p -= delta
