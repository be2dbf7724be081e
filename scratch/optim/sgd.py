"""Stochastic gradient descent, with momentum."""

from ._decay import with_decay
from ._pieces import update_rows
from .optimizer import Optimizer

__all__ = ["SGD"]


class SGD(Optimizer):
    r"""Stochastic gradient descent.

    With $\gamma$ = `lr`, $\mu$ = `momentum`, $\tau$ = `dampening`,
    $\lambda$ = `weight_decay`, and $g$ the gradient ($-g$ with `maximize`):

    1. $g \leftarrow g + \lambda\, p$ (an L2 penalty of $\lambda/2\, |p|^2$);
    2. $b \leftarrow \mu\, b + (1 - \tau)\, g$, but $b \leftarrow g$ at the first step;
    3. $g \leftarrow g + \mu\, b$ with `nesterov`, else $g \leftarrow b$;
    4. $p \leftarrow p - \gamma\, g$.

    Steps 2 and 3 fall away without momentum.

    Where PyTorch departs from the papers: the rate multiplies the velocity, $p - \gamma
    b$, where Sutskever et al. fold it in, $v = \mu v - \gamma g$; the two differ once
    the rate changes. The first step is not dampened. Nesterov takes the gradient at the
    point ahead, $p + \mu v$, and moves $p$; here the parameters are that point, and for
    it, at a constant rate, his rule reads as steps 2 to 4. The penalty is part of the
    gradient and so of the momentum; `maximize` turns the gradient, not the penalty, so
    weights decay all the same.

    State: `momentum_buffer`, $b$.

    Raises ValueError: a negative `lr`, `momentum` or `weight_decay`; `nesterov` without
    momentum or with dampening.

    Source: Sutskever et al., On the importance of initialization and momentum in deep
    learning, 2013.
    """

    counts_steps = False

    def __init__(
        self,
        params,
        lr=1e-3,
        momentum=0,
        dampening=0,
        weight_decay=0,
        nesterov=False,
        *,
        maximize=False,
        foreach=None,
        differentiable=False,
        fused=None,
    ):
        # Not `require_at_least_0`: as in PyTorch, SGD alone lets NaN pass.
        for name, value in (
            ("lr", lr),
            ("momentum", momentum),
            ("weight_decay", weight_decay),
        ):
            if value < 0:
                raise ValueError(f"{name}: at least 0 was expected, got {value}")
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("nesterov: needs a momentum, and a dampening of 0")
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
            "foreach": foreach,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)
        if fused and (foreach or differentiable):
            raise RuntimeError("fused: does not go with foreach or differentiable")

    def state_names(self, group):
        return ("momentum_buffer",) if group["momentum"] != 0 else ()

    def update(self, group, p, g, s):
        mu, tau = group["momentum"], group["dampening"]
        g = with_decay(group, p, g)
        if mu != 0:
            b = s.momentum_buffer
            if s.first:
                b[:] = g
            else:
                b *= mu
                b += g if tau == 0 else (1 - tau) * g
            g = g + mu * b if group["nesterov"] else b
        p -= group["lr"] * g

    def update_sparse(self, group, parameter):
        if group["weight_decay"] != 0:
            raise RuntimeError("weight_decay: does not go with sparse gradients")
        if group["momentum"] == 0:
            update_rows(self, group, parameter)
            return
        sparse = parameter.grad  # the momentum of all rows moves on
        parameter.grad = sparse.to_dense()
        self.step_group(group, [parameter])
        parameter.grad = sparse
