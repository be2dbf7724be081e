"""L-BFGS: the curvature of the loss from the last few steps."""

from typing import NamedTuple

import numpy as np

from .._sparse import SparseGradient
from ._options import plain, require_at_least_0
from .optimizer import Optimizer

__all__ = ["LBFGS"]

_ENOUGH_CURVATURE = 1e-10  # y.s from which a pair is trusted
_BLOCK = 2**16  # elements that stay in the cache while a multiple of them is added

# The Wolfe conditions: enough descent, and a slope that is flat enough.
_DESCENT, _FLATNESS = 1e-4, 0.9


class LBFGS(Optimizer):
    r"""Limited-memory BFGS, a quasi-Newton method for full batches.

    All parameters form one vector $x$ with gradient $g$. Of the last `history_size`
    iterations the moves $s_i = x_{i+1} - x_i$ and the changes $y_i = g_{i+1} - g_i$ are
    kept. With $\rho_i = 1 / y_i^T s_i$, a matrix $H$ stands for the inverse Hessian:

    $H \leftarrow (I - \rho_i s_i y_i^T)\, H\, (I - \rho_i y_i s_i^T)
    + \rho_i s_i s_i^T$, oldest pair first, starting at $H = h I$ with
    $h = y^T s / y^T y$ of the newest.

    An iteration moves by $t d$ with $d = -H g$, which two loops over the pairs compute
    without any matrix:

    1. $q \leftarrow -g$; newest first, $\alpha_i = \rho_i\, s_i^T q$ and
       $q \leftarrow q - \alpha_i y_i$;
    2. $d \leftarrow h\, q$; oldest first,
       $d \leftarrow d + s_i (\alpha_i - \rho_i\, y_i^T d)$.

    The length $t$ is $\gamma$ = `lr`, at the very first iteration
    $\gamma \min(1, 1/|g|_1)$. With `line_search_fn="strong_wolfe"` it is only the first
    trial: the search goes on until the loss $\varphi(t)$ along $d$ has
    $\varphi(t) \le \varphi(0) + 10^{-4}\, t\, \varphi'(0)$ and
    $|\varphi'(t)| \le 0.9\, |\varphi'(0)|$.

    `step(closure)` makes up to `max_iter` iterations with up to `max_eval` evaluations
    (5/4 of `max_iter` by default). `closure` clears the gradients, runs forwards and
    backwards, and returns the loss as a number; `step` returns the first one. It stops
    early when $\max |g|$ is at most `tolerance_grad`, when $-g^T d$, $\max |t d|$ or
    the change of the loss falls below `tolerance_change`.

    Where PyTorch departs from the books: a pair with $y^T s \le 10^{-10}$ is left out
    instead of damped, and without a line search nothing bounds the step.

    State, of the first parameter on behalf of all: `n_iter`, `func_evals`, `d`, `t`,
    `old_dirs` (the $y_i$), `old_stps` (the $s_i$), `ro`, `H_diag` $h$, `al` (the
    $\alpha_i$), `prev_flat_grad`, `prev_loss`.

    Raises:
        ValueError: a negative `lr`; more than one group of parameters.
        RuntimeError: at a step, an unknown `line_search_fn`.

    Source: Liu and Nocedal, On the limited memory BFGS method for large scale
    optimization, 1989; Nocedal and Wright, Numerical optimization, 2006, algorithms
    3.5, 3.6 and 7.4.
    """

    def __init__(
        self,
        params,
        lr=1,
        max_iter=20,
        max_eval=None,
        tolerance_grad=1e-7,
        tolerance_change=1e-9,
        history_size=100,
        line_search_fn=None,
    ):
        require_at_least_0(lr=lr)
        if max_eval is None:
            max_eval = max_iter * 5 // 4
        defaults = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
        }
        super().__init__(params, defaults)
        if len(self.param_groups) != 1:
            raise ValueError(
                f"params: one group was expected, got {len(self.param_groups)}"
            )

    def step(self, closure):
        if len(self.param_groups) != 1:
            raise AssertionError(
                f"step: one group was expected, there are {len(self.param_groups)}"
            )
        self._opt_called = True
        (group,) = self.param_groups
        params, lr = group["params"], plain(group["lr"])
        max_iter, max_eval = group["max_iter"], group["max_eval"]
        small_change = group["tolerance_change"]
        state = self.state.setdefault(params[0], {})
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)

        first_loss = closure()
        loss, g, evaluations = float(first_loss), flat_gradient(params), 1
        state["func_evals"] += 1
        if np.abs(g).max() <= group["tolerance_grad"]:
            return first_loss

        d, t = state.get("d"), state.get("t")
        g_before, loss_before = state.get("prev_flat_grad"), state.get("prev_loss")
        for iteration in range(1, max_iter + 1):
            state["n_iter"] += 1
            if state["n_iter"] == 1:
                state |= {"old_dirs": [], "old_stps": [], "ro": [], "H_diag": 1}
                d = -g
                t = min(1.0, 1.0 / np.abs(g).sum()) * lr
            else:
                remember(state, group["history_size"], g - g_before, d * t)
                d = direction(state, group["history_size"], g)
                t = lr
            g_before, loss_before = g, loss

            slope = g @ d
            if slope > -small_change:
                break
            evaluated = 0
            if group["line_search_fn"] is not None:
                if group["line_search_fn"] != "strong_wolfe":
                    raise RuntimeError("line_search_fn: only 'strong_wolfe' is known")
                along = _Line(params, d, closure)
                start = _Point(0, loss, g, slope)
                found, evaluated = strong_wolfe(
                    along, start, t, small_change, max_eval - evaluations
                )
                t, loss, g = found.t, found.loss, found.g
                move(params, t, d)
            else:
                move(params, t, d)
                if iteration != max_iter:
                    loss, g, evaluated = float(closure()), flat_gradient(params), 1
            evaluations += evaluated
            state["func_evals"] += evaluated

            if (
                iteration == max_iter
                or evaluations >= max_eval
                or np.abs(g).max() <= group["tolerance_grad"]
                or np.abs(d * t).max() <= small_change
                or abs(loss - loss_before) < small_change
            ):
                break

        state |= {"d": d, "t": plain(t)}
        state |= {"prev_flat_grad": g_before, "prev_loss": loss_before}
        return first_loss


def remember(state: dict, size: int, y: np.ndarray, s: np.ndarray) -> None:
    """Keep the last change of the gradient and the move that caused it."""
    ys = y @ s
    if ys > _ENOUGH_CURVATURE:
        for name, value in (
            ("old_dirs", y),
            ("old_stps", s),
            ("ro", float(1 / ys)),
        ):
            if len(state[name]) == size:
                state[name].pop(0)
            state[name].append(value)
        state["H_diag"] = float(ys / (y @ y))


def direction(state: dict, size: int, g: np.ndarray) -> np.ndarray:
    """-H g, by the two loops."""
    pairs = list(zip(state["old_dirs"], state["old_stps"], state["ro"], strict=True))
    alpha = state.setdefault("al", [None] * size)
    q = -g
    for i in reversed(range(len(pairs))):
        y, s, rho = pairs[i]
        alpha[i] = float(s @ q * rho)
        add_multiple(q, -alpha[i], y)
    d = q * state["H_diag"]
    for i, (y, s, rho) in enumerate(pairs):
        add_multiple(d, alpha[i] - float(y @ d * rho), s)
    return d


def add_multiple(x: np.ndarray, factor: float, y: np.ndarray) -> None:
    """x += factor * y."""
    for start in range(0, x.size, _BLOCK):
        block = slice(start, start + _BLOCK)
        x[block] += factor * y[block]


def flat_gradient(params) -> np.ndarray:
    gradients = []
    for p in params:
        if p.grad is None:
            gradients.append(np.zeros(p.shape, p.dtype))
        elif isinstance(p.grad, SparseGradient):
            gradients.append(p.grad.to_dense())
        else:
            gradients.append(p.grad)
    return np.concatenate(gradients, axis=None)


def move(params, t: float, d: np.ndarray) -> None:
    """x += t d."""
    start = 0
    for p in params:
        end = start + p.size
        p.data += t * d[start:end].reshape(p.shape)
        start = end


class _Point(NamedTuple):
    """A place on the line: how far, and what was found there."""

    t: float
    loss: float
    g: np.ndarray
    slope: float  # of the loss along the line, g.d


class _Line:
    """The loss along x + t d."""

    def __init__(self, params, d, closure):
        self.params, self.d, self.closure = params, d, closure
        self.x = [p.data.copy() for p in params]
        self.longest = np.abs(d).max()

    def __call__(self, t) -> _Point:
        move(self.params, t, self.d)
        loss, g = float(self.closure()), flat_gradient(self.params)
        for p, x in zip(self.params, self.x, strict=True):
            p.data[...] = x
        return _Point(t, loss, g, g @ self.d)


def strong_wolfe(
    line: _Line, start: _Point, t: float, small_change: float, limit: int
) -> tuple[_Point, int]:
    """A point of `line` with the Wolfe conditions, and the number of evaluations.

    First the step grows until a bracket is known to hold such a point, then the bracket
    shrinks. After `limit` trials it is the best point of the bracket.
    """

    def too_high(point):
        return point.loss > start.loss + _DESCENT * point.t * start.slope

    def flat(point):
        return abs(point.slope) <= -_FLATNESS * start.slope

    before, new = start, line(t)
    trials = 0
    while trials < limit:
        if too_high(new) or (trials > 1 and new.loss >= before.loss):
            bracket = [before, new]
            break
        if flat(new):
            return new, trials + 1
        if new.slope >= 0:
            bracket = [before, new]
            break
        nearest, farthest = new.t + 0.01 * (new.t - before.t), new.t * 10
        t = lowest_of_cubic(before, new, nearest, farthest)
        before, new = new, line(t)
        trials += 1
    else:
        bracket = [start, new]

    def lowest_first():
        return (0, 1) if bracket[0].loss <= bracket[1].loss else (1, 0)

    low, high = lowest_first()
    stalled = False
    while trials < limit:
        left, right = sorted(point.t for point in bracket)
        if (right - left) * line.longest < small_change:
            break
        t = lowest_of_cubic(*bracket, left, right)
        # A trial close to an end hardly shrinks the bracket: not twice in a row.
        margin = 0.1 * (right - left)
        close = min(right - t, t - left) < margin
        if close and (stalled or t >= right or t <= left):
            t = right - margin if abs(t - right) < abs(t - left) else left + margin
            stalled = False
        else:
            stalled = close

        new = line(t)
        trials += 1
        if too_high(new) or new.loss >= bracket[low].loss:
            bracket[high] = new
            low, high = lowest_first()
        else:
            if flat(new):
                return new, trials + 1
            if new.slope * (bracket[high].t - bracket[low].t) >= 0:
                bracket[high] = bracket[low]
            bracket[low] = new
    return bracket[low], trials + 1


def lowest_of_cubic(p: _Point, q: _Point, nearest: float, farthest: float) -> float:
    """Where the cubic through two points with their slopes is lowest, within bounds."""
    left, right = (p, q) if p.t <= q.t else (q, p)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        d1 = p.slope + q.slope - 3 * (p.loss - q.loss) / (p.t - q.t)
        square = d1**2 - p.slope * q.slope
        if not square >= 0:
            return (nearest + farthest) / 2
        d2 = np.sqrt(square)
        share = (right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2)
        lowest = right.t - (right.t - left.t) * share
    return min(max(lowest, nearest), farthest)
