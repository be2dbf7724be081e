"""Rprop: only the sign of a gradient counts."""

import numpy as np

from .._arrays import keep_where
from ._options import require_at_least_0
from .optimizer import Optimizer

__all__ = ["Rprop"]


class Rprop(Optimizer):
    r"""Resilient backpropagation: steps that grow until the gradient changes sign.

    With $\eta^-, \eta^+$ = `etas` and the limits `step_sizes` of $\Delta$, for each
    element of the gradient $g$ ($-g$ with `maximize`) and of the last one, $g'$:

    1. $\Delta \leftarrow \eta^+ \Delta$ if $g g' > 0$, $\eta^- \Delta$ if $g g' < 0$,
       clipped to its limits;
    2. $g \leftarrow 0$ if $g g' < 0$: a minimum was jumped over, and the next step
       starts anew;
    3. $p \leftarrow p - \operatorname{sign}(g)\, \Delta$ and $g' \leftarrow g$.

    $\Delta$ starts at `lr`, which has no other use: a schedule has no effect. Meant for
    full batches; with mini-batches the signs are noise.

    Where PyTorch departs from the paper: there, a change of sign takes the last step
    back. To forget the gradient instead is the variant that was later called iRprop-.

    State: `step` (counted, not used), `prev` $g'$, `step_size` $\Delta$.

    Raises ValueError: a negative `lr`; etas that are not $0 < \eta^- < 1 < \eta^+$.

    Source: Riedmiller and Braun, A direct adaptive method for faster backpropagation
    learning: the RPROP algorithm, 1993; Igel and Hüsken, Improving the Rprop learning
    algorithm, 2000.
    """

    def __init__(
        self,
        params,
        lr=1e-2,
        etas=(0.5, 1.2),
        step_sizes=(1e-6, 50),
        *,
        capturable=False,
        foreach=None,
        maximize=False,
        differentiable=False,
    ):
        require_at_least_0(lr=lr)
        if not 0 < etas[0] < 1 < etas[1]:
            raise ValueError(f"etas: expected 0 < etas[0] < 1 < etas[1], got {etas}")
        defaults = {
            "lr": lr,
            "etas": etas,
            "step_sizes": step_sizes,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def state_names(self, group):
        return "prev", "step_size"

    def initial_value(self, group, name):
        return group["lr"] if name == "step_size" else 0.0

    def update(self, group, p, g, s):
        shrink, grow = group["etas"]
        smallest, largest = group["step_sizes"]
        if group["maximize"]:
            g = -g

        product = g * s.prev
        same, changed = product > 0, product < 0
        # The factors as a sum of which one term is not 0: masks would be slower.
        scalar = product.dtype.type
        factor = same * scalar(grow)
        factor += changed * scalar(shrink)
        factor += ~(same | changed)
        delta = s.step_size
        delta *= factor
        np.clip(delta, smallest, largest, out=delta)

        s.prev[:] = keep_where(~changed, g)
        step = delta * (s.prev > 0)
        step -= delta * (s.prev < 0)
        p -= step
