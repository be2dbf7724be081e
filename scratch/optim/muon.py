"""Muon: momentum made orthogonal."""

import math

import numpy as np

from ._averages import lerp
from ._options import require_at_least_0
from .optimizer import Optimizer

__all__ = ["Muon"]

_ADJUSTMENTS = (None, "original", "match_rms_adamw")
_TOO_MANY_STEPS = 100


class Muon(Optimizer):
    r"""Momentum, orthogonalised by a Newton-Schulz iteration; for matrices.

    With $\gamma$ = `lr`, $\lambda$ = `weight_decay`, $\mu$ = `momentum`, $a, b, c$ =
    `ns_coefficients`, $\epsilon$ = `eps`, and $G$ the gradient of a matrix of shape
    (A, B):

    1. $M \leftarrow \mu M + (1 - \mu)\, G$;
    2. $X = (1 - \mu)\, G + \mu M$ with `nesterov`, else $M$; transposed if A > B;
    3. $X \leftarrow X / \max(|X|_F, \epsilon)$: no singular value is above 1;
    4. `ns_steps` times $X \leftarrow a X + (b\, S + c\, S^2) X$ with $S = X X^T$. With
       $X = U \Sigma V^T$ this is $U (a \Sigma + b \Sigma^3 + c \Sigma^5) V^T$: only the
       singular values change, and they come to lie around 1, between 0.7 and 1.2, which
       serves as well as 1 and is reached sooner;
    5. $p \leftarrow p - \gamma \lambda\, p - \gamma' X$, transposed back, where
       $\gamma' = \gamma \sqrt{\max(1, A/B)}$ for `adjust_lr_fn` None or "original",
       $0.2\, \gamma \sqrt{\max(A, B)}$ for "match_rms_adamw".

    Where PyTorch departs from the author's code: the momentum is an average, where his
    first version (and PyTorch's own docstring) has $M \leftarrow \mu M + G$; step 3
    makes both the same. $\epsilon$ bounds the norm, where he adds it. The decay is
    decoupled and goes with $\gamma$, not with $\gamma'$. Steps 3 and 4 are computed in
    bfloat16 whatever the dtype, that is with 8 significant bits: so are they here, each
    product summed up in float32 and rounded to bfloat16. A sum in another order may
    round to the other neighbour, so two correct implementations agree to the last bit
    for small matrices, and for large ones within the error that bfloat16 makes.

    State: `momentum_buffer` $M$.

    Raises ValueError: a negative `lr`, `weight_decay` or `momentum`; an unknown
    `adjust_lr_fn`; a parameter that is not a matrix; at a step, 100 `ns_steps` or more,
    other than three coefficients.

    Source: Jordan et al., Muon: an optimizer for hidden layers in neural networks,
    2024; Liu et al., Muon is scalable for LLM training, 2025 ("match_rms_adamw").
    """

    counts_steps = False

    def __init__(
        self,
        params,
        lr=1e-3,
        weight_decay=0.1,
        momentum=0.95,
        nesterov=True,
        ns_coefficients=(3.4445, -4.7750, 2.0315),
        eps=1e-7,
        ns_steps=5,
        adjust_lr_fn=None,
    ):
        require_at_least_0(lr=lr, momentum=momentum, weight_decay=weight_decay)
        if adjust_lr_fn not in _ADJUSTMENTS:
            raise ValueError(
                f"adjust_lr_fn: expected one of {_ADJUSTMENTS}, got {adjust_lr_fn!r}"
            )
        defaults = {
            "lr": lr,
            "weight_decay": weight_decay,
            "momentum": momentum,
            "nesterov": nesterov,
            "ns_coefficients": ns_coefficients,
            "eps": eps,
            "ns_steps": ns_steps,
            "adjust_lr_fn": adjust_lr_fn,
        }
        super().__init__(params, defaults)
        for group in self.param_groups:
            for p in group["params"]:
                _require_matrix(p)

    def state_names(self, group):
        return ("momentum_buffer",)

    def step_group(self, group, params):
        self.require_dense(params)
        lr, mu = group["lr"], group["momentum"]
        for parameter in params:
            _require_matrix(parameter)
            p, G = parameter.data, parameter.grad
            M = self.state_of(group, parameter)["momentum_buffer"]
            lerp(M, G, 1 - mu, out=M)
            X = M
            if group["nesterov"]:
                X = np.empty_like(M)
                lerp(G, M, mu, out=X)
            X = orthogonalized(
                X, group["ns_coefficients"], group["ns_steps"], group["eps"]
            )
            X = X.astype(np.result_type(X, p))
            X *= lr * adjustment(group["adjust_lr_fn"], p.shape)
            p *= 1 - lr * group["weight_decay"]
            p -= X


def orthogonalized(G, coefficients, steps: int, eps: float) -> np.ndarray:
    """About U V^T for G = U Sigma V^T, as float32 with the precision of bfloat16."""
    if steps >= _TOO_MANY_STEPS:
        raise ValueError(f"ns_steps: less than 100 were expected, got {steps}")
    if len(coefficients) != 3:
        raise ValueError(f"ns_coefficients: expected three, got {coefficients}")
    a, b, c = coefficients
    tall = G.shape[0] > G.shape[1]
    X = np.array(G.T if tall else G, np.float32, order="C")
    round_to_bfloat16(X)
    norm = np.array(math.sqrt(float(X.reshape(-1) @ X.reshape(-1))), np.float32)
    norm = max(round_to_bfloat16(norm), round_to_bfloat16(np.array(eps, np.float32)))
    X /= norm
    shorten(X)
    for _ in range(steps):
        S = shorten(X @ X.T)
        P = S @ S.T  # symmetric, and BLAS then computes only one half
        P *= np.float32(c)
        S *= np.float32(b)
        P += S
        shorten(P)
        P.flat[:: len(P) + 1] += np.float32(a)  # (P + a I) X saves an addition to P X
        X = shorten(P @ X)
    return X.T if tall else X


def round_to_bfloat16(x: np.ndarray) -> np.ndarray:
    """Round float32 numbers in place to their first 8 bits, ties to even.

    A bfloat16 is the upper half of a float32. Adding 0x7FFF, and 1 more if the last bit
    that stays is odd, carries into that half exactly when it must be rounded up.
    """
    bits = x.view(np.uint32)
    odd = (bits >> np.uint32(16)) & np.uint32(1)
    odd += np.uint32(0x7FFF)
    bits += odd
    bits &= np.uint32(0xFFFF0000)
    return x


def shorten(x: np.ndarray) -> np.ndarray:
    r"""`round_to_bfloat16` in three operations, for numbers below $2^{112}$.

    $2^{16} x$ is exact. Less $x$, it has no room for the last 16 bits of $x$, and is
    rounded by as much as $x$ must be; what is missing from $2^{16} x$ is $x$ rounded.
    """
    wide = x * np.float32(2**16)
    np.subtract(wide, x, out=x)
    return np.subtract(wide, x, out=x)


def adjustment(how: str | None, shape: tuple[int, int]) -> float:
    """The factor of the rate that gives updates of matrices of all shapes one size."""
    A, B = shape
    if how == "match_rms_adamw":
        return 0.2 * math.sqrt(max(A, B))
    return math.sqrt(max(1, A / B))


def _require_matrix(parameter) -> None:
    if parameter.ndim != 2:
        raise ValueError(f"params: a matrix was expected, got shape {parameter.shape}")
