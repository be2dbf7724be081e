"""Adagrad: what has moved much moves less."""

import numpy as np

from ._decay import with_decay
from ._options import require_at_least_0
from ._pieces import update_rows
from .optimizer import Optimizer

__all__ = ["Adagrad"]


class Adagrad(Optimizer):
    r"""Adagrad, a step size for each parameter that shrinks with its past gradients.

    With $\gamma$ = `lr`, $\eta$ = `lr_decay`, $\lambda$ = `weight_decay`,
    $\epsilon$ = `eps`, $t$ the number of the step, from 1, and $g$ the gradient ($-g$
    with `maximize`):

    1. $g \leftarrow g + \lambda\, p$ (an L2 penalty);
    2. $G \leftarrow G + g^2$, from `initial_accumulator_value` on;
    3. $p \leftarrow p - \gamma / (1 + (t - 1)\, \eta) \cdot g / (\sqrt G + \epsilon)$.

    A sparse gradient (of an embedding) touches those rows of $p$ and $G$ alone that it
    names; the others would not have changed.

    Where PyTorch departs from the paper: this is its diagonal form, $\epsilon$ is added
    to the root, and the decay of the rate is not in it. The state exists from the
    start, without any gradient, and `initial_accumulator_value` is taken from the
    constructor: the value in a parameter group changes nothing.

    State: `step` $t$, `sum` $G$.

    Raises:
        ValueError: a negative `lr`, `lr_decay`, `weight_decay`, `eps` or
            `initial_accumulator_value`.
        RuntimeError: `fused` together with `foreach` or `differentiable`; at a step,
            a sparse gradient and `weight_decay`.

    Source: Duchi et al., Adaptive subgradient methods for online learning and
    stochastic optimization, 2011.
    """

    def __init__(
        self,
        params,
        lr=1e-2,
        lr_decay=0,
        weight_decay=0,
        initial_accumulator_value=0,
        eps=1e-10,
        foreach=None,
        *,
        maximize=False,
        differentiable=False,
        fused=None,
    ):
        require_at_least_0(
            lr=lr,
            lr_decay=lr_decay,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            eps=eps,
        )
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "eps": eps,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)
        if fused and (foreach or differentiable):
            raise RuntimeError("fused: does not go with foreach or differentiable")
        for group in self.param_groups:
            for p in group["params"]:
                self.state_of(group, p)["step"] = 0

    def state_names(self, group):
        return ("sum",)

    def initial_value(self, group, name):
        return self.defaults["initial_accumulator_value"]

    def update(self, group, p, g, s):
        g = with_decay(group, p, g)

        root = g * g
        s.sum += root
        np.sqrt(s.sum, out=root)
        root += group["eps"]
        step = np.divide(g, root, out=root)
        step *= group["lr"] / (1 + (s.step - 1) * group["lr_decay"])
        p -= step

    def update_sparse(self, group, parameter):
        if group["weight_decay"] != 0:
            raise RuntimeError("weight_decay: does not go with sparse gradients")
        update_rows(self, group, parameter)
