"""Adafactor: the second moment of a matrix from its row and column means."""

import math

import numpy as np

from .._arrays import sum_along
from ._averages import lerp
from ._options import require_at_least_0
from .optimizer import Optimizer

__all__ = ["Adafactor"]


class Adafactor(Optimizer):
    r"""Adafactor: Adam's scaling with memory for n + m numbers instead of n m.

    With $\gamma$ = `lr`, $\tau$ = `beta2_decay`, $\epsilon_1, \epsilon_2$ = `eps`
    ($\epsilon_1$ None: the machine epsilon of the parameter's dtype), $d$ = `d`,
    $\lambda$ = `weight_decay`, $t$ the number of the step, from 1, and $G$ the gradient
    ($-G$ with `maximize`) of $p$:

    1. $\alpha = \max(\epsilon_2, \operatorname{RMS}(p)) \min(\gamma, 1/\sqrt t)$: a
       step relative to the size of the parameter;
    2. $p \leftarrow p - \gamma \lambda\, p$;
    3. $w = t^\tau$, and for a matrix (or a stack of matrices, in the last two axes)
       $R \leftarrow (1 - w) R + w\, \operatorname{mean}_{columns}(G^2)$,
       $C \leftarrow (1 - w) C + w\, \operatorname{mean}_{rows}(G^2)$,
       $V = R\, C / \max(\operatorname{mean}(R), \epsilon_1)$, the matrix of rank one
       that has these means; for a vector or a number
       $V \leftarrow (1 - w) V + w\, G^2$. As $w = 1$ at the first step, no bias needs a
       correction;
    4. $U = G / \sqrt{\max(V, \epsilon_1^2)}$;
    5. $p \leftarrow p - \alpha\, U / \max(1, \operatorname{RMS}(U) / d)$.

    Where PyTorch departs from the paper: `lr` bounds the relative step, where the paper
    has the constant 0.01, and multiplies the decay, which the paper has not; means
    instead of sums; $\epsilon_1$ bounds $V$ from below, where the paper adds it to
    every $G^2$; and there is no momentum, which the paper leaves open. Where this class
    departs from PyTorch: there, the default of $\epsilon_1$ is taken from
    the first parameter of the group and holds for all others, whatever their dtype; and
    $R\, C$ is multiplied before it is divided, so that it overflows in float32 for
    gradients above $10^9$, and the parameter stands still.

    State: `step` $t$; for two axes or more `row_var` $R$ of shape (..., n, 1) and
    `col_var` $C$ of shape (..., 1, m), else `variance` $V$.

    Raises ValueError: a negative `lr`, `eps` or `weight_decay`; a positive
    `beta2_decay`; `d` below 1.

    Source: Shazeer and Stern, Adafactor: adaptive learning rates with sublinear memory
    cost, 2018.
    """

    def __init__(
        self,
        params,
        lr=1e-2,
        beta2_decay=-0.8,
        eps=(None, 1e-3),
        d=1.0,
        weight_decay=0.0,
        *,
        foreach=None,
        maximize=False,
    ):
        require_at_least_0(lr=lr)
        if not beta2_decay <= 0:
            raise ValueError(f"beta2_decay: at most 0 was expected, got {beta2_decay}")
        eps1, eps2 = eps
        if eps1 is not None and not eps1 >= 0:
            raise ValueError(f"eps[0]: None or at least 0 was expected, got {eps1}")
        if not eps2 >= 0:
            raise ValueError(f"eps[1]: at least 0 was expected, got {eps2}")
        if not d >= 1:
            raise ValueError(f"d: at least 1 was expected, got {d}")
        require_at_least_0(weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "beta2_decay": beta2_decay,
            "eps": eps,
            "d": d,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def step_group(self, group, params):
        self.require_dense(params)
        for parameter in params:
            state = self.state.setdefault(parameter, {"step": 0})
            state["step"] += 1
            G = -parameter.grad if group["maximize"] else parameter.grad
            self._step_parameter(group, parameter.data, G, state)

    def _step_parameter(self, group, p, G, state):
        lr, (eps1, eps2), t = group["lr"], group["eps"], state["step"]
        if eps1 is None:
            eps1 = float(np.finfo(p.dtype).eps)
        rate = max(eps2, rms(p)) * min(lr, 1 / math.sqrt(t))
        if group["weight_decay"] != 0:
            p *= 1 - lr * group["weight_decay"]

        second_moment = factored if G.ndim > 1 else unfactored
        U = second_moment(G, state, t ** group["beta2_decay"], eps1)
        np.clip(U, eps1 * eps1, np.inf, out=U)
        np.sqrt(U, out=U)
        np.divide(G, U, out=U)
        U *= rate / max(1.0, rms(U) / group["d"])
        p -= U


def factored(G, state, weight, eps1):
    """V of rank one, after its row and column means have moved by `weight`."""
    n, m = G.shape[-2:]
    if "row_var" not in state:
        state["row_var"] = np.zeros((*G.shape[:-1], 1), G.dtype)
        state["col_var"] = np.zeros((*G.shape[:-2], 1, m), G.dtype)
    R, C = state["row_var"], state["col_var"]
    square = at_least_single(G) ** 2
    lerp(R, sum_along(square, -1) / m, weight, out=R)
    lerp(C, sum_along(square, -2) / n, weight, out=C)
    mean = np.maximum(sum_along(R, -2) / n, eps1)
    return np.multiply(R / mean, C, out=square)


def unfactored(G, state, weight, eps1):
    if "variance" not in state:
        state["variance"] = np.zeros_like(G)
    V = state["variance"]
    lerp(V, G * G, weight, out=V)
    return V.copy()


def rms(x: np.ndarray) -> float:
    flat = at_least_single(x.reshape(-1))
    return math.sqrt(float(flat @ flat)) / math.sqrt(x.size)


def at_least_single(x: np.ndarray) -> np.ndarray:
    """float16 is too coarse, and too narrow, for sums of squares."""
    return x.astype(np.float32) if x.dtype == np.float16 else x
