"""Averaged stochastic gradient descent."""

from ._decay import with_decay
from ._options import require_at_least_0
from .optimizer import Optimizer

__all__ = ["ASGD"]


class ASGD(Optimizer):
    r"""SGD with a decaying rate that keeps an average of the parameters beside them.

    With $\gamma$ = `lr`, $\lambda$ = `lambd`, $\alpha$ = `alpha`, $t_0$ = `t0`, $w$ =
    `weight_decay`, $t$ the number of the step, from 1, and $g$ the gradient ($-g$ with
    `maximize`); $\eta$ starts at $\gamma$ and $\mu$ at 1:

    1. $g \leftarrow g + w\, p$ (an L2 penalty);
    2. $p \leftarrow p - \lambda \eta\, p - \eta\, g$;
    3. $\bar p \leftarrow \bar p + \mu\, (p - \bar p)$;
    4. for the next step, $\eta \leftarrow \gamma / (1 + \lambda \gamma t)^\alpha$ and
       $\mu \leftarrow 1 / \max(1, t - t_0)$: up to $t_0$ the average is the last
       iterate, then the mean of those that came after.

    The average is for the user to read, from the state; training does not use it.

    Where PyTorch departs from the paper: the $L_2$ term `lambd` and the form of the
    rate are those of Bottou's implementation. $\eta$ and $\mu$ are computed one step
    ahead, so a change of `lr` takes effect one step late; both are kept in float32 for
    every dtype of parameters, which limits float64 to about 7 digits; and when a state
    is loaded, PyTorch converts them to the parameter's dtype, but this class does not.

    State: `step` $t$, `eta` $\eta$ and `mu` $\mu$ (float32), `ax` $\bar p$.

    Raises ValueError: a negative `lr` or `weight_decay`.

    Source: Polyak and Juditsky, Acceleration of stochastic approximation by averaging,
    1992; Bottou, Large-scale machine learning with stochastic gradient descent, 2010.
    """

    numbers = ("eta", "mu")

    def __init__(
        self,
        params,
        lr=1e-2,
        lambd=1e-4,
        alpha=0.75,
        t0=1e6,
        weight_decay=0,
        foreach=None,
        maximize=False,
        differentiable=False,
        capturable=False,
    ):
        require_at_least_0(lr=lr, weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "lambd": lambd,
            "alpha": alpha,
            "t0": t0,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def state_names(self, group):
        return ("ax",)

    def initial_value(self, group, name):
        return {"eta": group["lr"], "mu": 1.0, "ax": 0.0}[name]

    def advance(self, group, s):
        s.eta_now, s.mu_now = s.eta, s.mu
        lr, lambd = group["lr"], group["lambd"]
        s.eta = lr / (1 + lambd * lr * s.step) ** group["alpha"]
        s.mu = 1 / max(1, s.step - group["t0"])

    def update(self, group, p, g, s):
        g = with_decay(group, p, g)

        p *= 1 - group["lambd"] * s.eta_now
        p -= s.eta_now * g
        if s.mu_now == 1:
            s.ax[:] = p
        else:
            step = p - s.ax
            step *= s.mu_now
            s.ax += step
