"""The loss of a sequence of labels of which nobody knows when each is said."""

import numpy as np

from .._arrays import require_array, require_float_array, require_int
from .loss import _Loss

__all__ = ["CTCLoss"]


class CTCLoss(_Loss):
    r"""Any way of saying the labels in time is right: temporal classification.

    A path has one class for each step, `blank` or a label; what it says is what is left
    once runs of one class are made one and then blanks are taken out. The loss is
    $-\log$ of the probability of all paths that say the target, $-\log p(l)$.

    Forward: with $l'$ the target with blanks before, between and after its labels, and
    $q_t(s)$ the log-probability of $l'_s$ at step $t$, let $\alpha_t(s)$ be the log of
    the probability of all beginnings of $t$ steps that end at $l'_s$. Each comes from
    the same place, the one before, or the one before that if this leaves out a blank
    between labels that differ:

    $\alpha_t(s) = q_t(s) + \log \sum_{j \in J(s)} e^{\alpha_{t-1}(j)}$ with
    $J(s) = \{s, s - 1\}$, and $s - 2$ too if
    $\mathrm{blank} \ne l'_s \ne l'_{s-2}$. A path starts at the first blank or label
    and ends at the last ones: $\log p(l) = \log(e^{\alpha_T(S)} + e^{\alpha_T(S-1)})$.

    Backward: $\beta_t(s)$ is the same for endings, from the last step to the first, and
    has $q_t(s)$ in it as $\alpha$ has. The paths through $l'_s$ at $t$ have together
    $e^{\alpha_t(s) + \beta_t(s) - q_t(s)}$; over $p(l)$ that is $\gamma_t(s)$, how
    likely one is at $l'_s$ given the target. $p(l)$ is linear in each $e^{q_t(k)}$, so
    $\frac{\partial}{\partial q_t(k)} [-\log p(l)] = -\sum_{s: l'_s = k} \gamma_t(s)$.
    As in PyTorch what is returned has $e^{q_t(k)}$ added to it:
    $dq_t(k) = \left(e^{q_t(k)} - \sum_{s: l'_s = k} \gamma_t(s)\right) dl$. That is the
    gradient of the logits if the log-probabilities are their log-softmax, and the
    log-softmax's way back changes nothing about it, as it is 0 in sum over $k$. For
    log-probabilities from elsewhere it is not the derivative.

    "mean" divides each loss by the length of its target (at least 1) first. A target
    that does not fit into its steps has an infinite loss and NaN for gradients; with
    `zero_infinity` both are 0.

    Shape: log_probs (T, N, C) or (T, C); targets (N, S), or all of them one after the
    other, (sum of lengths); input_lengths and target_lengths (N), arrays or tuples of
    ints. Source: Graves et al., Connectionist temporal classification, 2006.

    Raises:
        TypeError: `blank` is no int; log_probs or targets is no array.
        RuntimeError: `blank` is none of the classes; shapes, dtypes or lengths do not
            go together; a label is none of the classes.
    """

    def __init__(self, blank=0, reduction="mean", zero_infinity=False):
        require_int("blank", blank)
        super().__init__(reduction=reduction)
        self.blank = blank
        self.zero_infinity = zero_infinity

    def forward(self, log_probs, targets, input_lengths, target_lengths):
        require_float_array("log_probs", log_probs)
        if log_probs.ndim not in (2, 3) or not log_probs.size:
            raise RuntimeError(
                f"log_probs: (T, N, C) or (T, C) was expected, got {log_probs.shape}"
            )
        batched, dtype = log_probs.ndim == 3, log_probs.dtype
        lp = log_probs if batched else log_probs[:, None]
        lp = lp.astype(np.promote_types(dtype, np.float32), copy=False)
        T, N, C = lp.shape
        if not 0 <= self.blank < C:
            raise RuntimeError(f"blank: {self.blank} is not a class in [0, {C})")
        steps = _lengths("input_lengths", input_lengths, N, T)
        lengths = _lengths("target_lengths", target_lengths, N, None)
        labels = _labels(targets, lengths, N, C, self.blank)
        path, skips = self._path(labels)
        q = np.take_along_axis(lp, path[None], axis=2)
        alpha = _beginnings(q, skips, lengths)
        last = np.take_along_axis(alpha, np.maximum(steps - 1, 0)[None, :, None], 0)[0]
        losses = np.where(
            steps > 0,
            -_log_of_sum(*_at_the_end(last, lengths)),
            np.where(lengths > 0, np.inf, 0),
        ).astype(q.dtype)
        infinite = losses == np.inf
        found = np.where(infinite & self.zero_infinity, 0, losses).astype(dtype)
        over = np.maximum(lengths, 1).astype(dtype) if self.reduction == "mean" else 1
        found = (found / over).astype(dtype)
        loss, share = self._reduce(found if batched else found[0])

        def back(dy):
            dl = np.broadcast_to(share(dy), N) / over
            beta = _endings(q, skips, steps, lengths)
            with np.errstate(invalid="ignore", over="ignore"):  # an infinite loss
                gamma = np.exp(alpha + beta + losses[:, None] - q)
                dq = np.exp(lp)
                dq[..., self.blank] -= gamma[..., 0::2].sum(axis=2)
                for k in range(labels.shape[1]):  # two may be the same class
                    dq[:, np.arange(N), labels[:, k]] -= gamma[..., 2 * k + 1]
                # As in PyTorch: minus infinity, and all of a sample without a loss.
                dq[np.isneginf(lp) | (infinite | np.isnan(losses))[:, None]] = np.nan
                dq *= dl[:, None]
            dq[np.arange(T)[:, None] >= steps] = 0
            if self.zero_infinity:
                dq[:, infinite] = 0
            return dq.astype(dtype, copy=False).reshape(log_probs.shape)

        return loss, back

    def _path(self, labels):
        """The labels with blanks around them, and where a blank may be left out."""
        N, L = labels.shape
        path = np.full((N, 2 * L + 1), self.blank)
        path[:, 1::2] = labels
        skips = np.zeros(path.shape, bool)
        skips[:, 2:] = (path[:, 2:] != self.blank) & (path[:, 2:] != path[:, :-2])
        return path, skips


def _beginnings(q, skips, lengths):
    """alpha of every step, sample and place, (T, N, S)."""
    alpha = np.full_like(q, -np.inf)
    alpha[0, :, 0] = q[0, :, 0]
    some = lengths > 0
    alpha[0, some, 1:2] = q[0, some, 1:2]
    for t in range(1, len(q)):
        before = alpha[t - 1]
        alpha[t] = q[t] + _log_of_sum(
            before, _moved(before, 1), np.where(skips, _moved(before, 2), -np.inf)
        )
    return alpha


def _endings(q, skips, steps, lengths):
    """beta of every step, sample and place, minus infinity after a sample's end."""
    beta = np.full_like(q, -np.inf)
    places = np.arange(q.shape[2])
    ends = (places == 2 * lengths[:, None]) | (places == 2 * lengths[:, None] - 1)
    skipped = _moved(skips.astype(q.dtype), -2, 0) > 0
    for t in reversed(range(len(q))):
        if t + 1 < len(q):
            after = beta[t + 1]
            beta[t] = q[t] + _log_of_sum(
                after, _moved(after, -1), np.where(skipped, _moved(after, -2), -np.inf)
            )
        here = (steps == t + 1)[:, None]
        beta[t] = np.where(here, np.where(ends, q[t], -np.inf), beta[t])
    return beta


def _moved(x, by, filler=-np.inf):
    """x with its columns moved by some places, and `filler` in those left free."""
    moved = np.full_like(x, filler)
    if by > 0:
        moved[:, by:] = x[:, :-by]
    else:
        moved[:, :by] = x[:, -by:]
    return moved


def _log_of_sum(*terms):
    """log sum_i exp(term_i), of which all may be minus infinity."""
    largest = terms[0]
    for term in terms[1:]:
        largest = np.maximum(largest, term)
    offset = np.where(np.isneginf(largest), largest.dtype.type(0), largest)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(sum(np.exp(term - offset) for term in terms)) + offset


def _at_the_end(last, lengths):
    """alpha at the last blank, and at the last label if there is one."""
    blank = np.take_along_axis(last, 2 * lengths[:, None], axis=1)[:, 0]
    label = np.take_along_axis(last, np.maximum(2 * lengths - 1, 0)[:, None], axis=1)
    return blank, np.where(lengths > 0, label[:, 0], blank.dtype.type(-np.inf))


def _lengths(name, given, N, longest):
    """One whole number for each sample, from 0 to `longest`."""
    lengths = np.asarray(given).reshape(-1)
    if lengths.dtype.kind not in "iu":
        raise RuntimeError(f"{name}: integers were expected, got {lengths.dtype}")
    if len(lengths) != N:
        raise RuntimeError(f"{name}: {N} were expected, got {len(lengths)}")
    if lengths.min() < 0 or (longest is not None and lengths.max() > longest):
        raise RuntimeError(
            f"{name}: numbers from 0 to {'any' if longest is None else longest} were "
            f"expected, got {lengths}"
        )
    return lengths.astype(np.int64)


def _labels(targets, lengths, N, C, blank):
    """The labels of each sample in a row, followed by blanks."""
    require_array("targets", targets)
    if targets.dtype not in (np.int32, np.int64):
        raise RuntimeError(f"targets: int32 or int64 was expected, got {targets.dtype}")
    longest = lengths.max()
    labels = np.full((N, longest), blank)
    there = np.arange(longest) < lengths[:, None]
    if targets.ndim == 1:
        if len(targets) != lengths.sum():
            raise RuntimeError(
                f"targets: shape {targets.shape} does not go with target_lengths, "
                f"{lengths.sum()} in sum"
            )
        labels[there] = targets
    else:
        if targets.ndim != 2 or len(targets) != N or targets.shape[1] < longest:
            raise RuntimeError(
                f"targets: ({N}, {longest}) or more labels were expected, got shape "
                f"{targets.shape}"
            )
        labels[there] = targets[:, :longest][there]
    if labels.size and (labels.min() < 0 or labels.max() >= C):
        raise RuntimeError(
            f"targets: {labels.min()} to {labels.max()} is not in [0, {C})"
        )
    return labels
