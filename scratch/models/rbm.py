r"""The restricted Boltzmann machine: binary units that learn what goes
together, and dream of it.
"""

import math

import numpy as np

from .. import nn
from .._arrays import sum_rows
from ..nn.activation import sigmoid
from ..nn.init import normal_
from ..random import rand

__all__ = ["RBM", "ContrastiveDivergence"]


class RBM(nn.Module):
    r"""Visible units v and hidden units h, both 0 or 1, joined by
    weights W but not among themselves.

    Energy: $E(v, h) = -a \cdot v - b \cdot h - h \cdot W v$; a state
    has the probability $e^{-E} / Z$. Given one layer, the units of the
    other are independent, for nothing joins them:
    $p(h = 1 | v) = \sigma(W v + b)$, $p(v = 1 | h) = \sigma(h W + a)$.

    Free energy: the hidden units summed out,
    $F(v) = -\log \sum_h e^{-E(v, h)}
    = -a \cdot v - \sum_j \log(1 + e^{b_j + W_j v})$.

    Forward: `k` steps of Gibbs sampling, that is h from v, then v from
    h; when evaluating, probabilities in place of samples: the
    reconstruction of v. Samples are held constant: no gradient leads
    through them.

    Shape: input (N, n_visible), output (N, n_visible).
    Raises: RuntimeError for another number of visible units.
    Source: Smolensky 1986; Hinton 2002.
    """

    def __init__(self, n_visible, n_hidden, k=1):
        # 1. Weights and biases
        self.k = k
        self.weight = nn.Parameter(
            np.empty((n_hidden, n_visible), np.float32)
        )
        normal_(self.weight, std=1 / math.sqrt(n_visible + n_hidden))
        self.visible_bias = nn.Parameter(
            np.zeros(n_visible, np.float32)
        )
        self.hidden_bias = nn.Parameter(np.zeros(n_hidden, np.float32))

    def drive(self, v):
        # 2. W v + b, what drives the hidden units
        if v.shape[-1:] != self.visible_bias.shape:
            raise RuntimeError(
                f"input: {self.visible_bias.size} visible units were "
                f"expected, got shape {v.shape}"
            )
        return v @ self.weight.data.T + self.hidden_bias.data

    def hidden(self, v):
        # 3. p(h = 1 | v)
        return sigmoid(self.drive(v))

    def visible(self, h):
        # 4. p(v = 1 | h)
        return sigmoid(h @ self.weight.data + self.visible_bias.data)

    def energy(self, v, h):
        # 5. E(v, h)
        together = ((v @ self.weight.data.T) * h).sum(axis=1)
        a, b = self.visible_bias.data, self.hidden_bias.data
        return -(v @ a) - h @ b - together

    def hidden_log_sums(self, v):
        # 6. log(1 + e^(b + Wv)), which sums over h = 0 and h = 1
        return np.logaddexp(self.drive(v), 0)

    def free_energy(self, v):
        # 7. F(v)
        hidden = self.hidden_log_sums(v).sum(axis=1)
        return -hidden - v @ self.visible_bias.data

    def choose(self, p):
        # 8. 1 with probability p; the same draws in every precision
        if not self.training:
            return p
        return (rand(p.shape) < p).astype(p.dtype)

    def forward(self, v):
        # 9. Gibbs sampling
        for _ in range(self.k):
            h = self.choose(self.hidden(v))
            v = self.choose(self.visible(h))

        def back(dv):
            return None

        return v, back


class ContrastiveDivergence(nn.Module):
    r"""CD-k: lowers the free energy of the data v against that of the
    samples v' that k steps of Gibbs sampling made of them.

    Forward: $L = \frac{1}{N} \sum_n F(v_n) - F(v'_n)$.

    Backward: the slope of $\log(1 + e^x)$ is $\sigma(x)$, which here is
    $p = p(h = 1 | v)$, so $\partial F / \partial W_{ji} = -p_j v_i$,
    $\partial F / \partial a = -v$, $\partial F / \partial b = -p$, and
    $dW = \frac{1}{N} \sum_n p'_n {v'_n}^T - p_n v_n^T$: what goes
    together in the dreams, minus what goes together in the data. And
    $dv' = (a + W^T p') / N$, which the machine, whose samples are
    constants, drops.

    Shape: input (v') and target (v) alike, (N, n_visible); output ().
    Source: Hinton 2002, Training products of experts.
    """

    def __init__(self, rbm):
        # 1. The machine
        self.rbm = rbm

    def forward(self, input, target):
        # 2. F(v) - F(v'), term by term: both are large, their gap small
        rbm, n = self.rbm, len(target)
        hidden = rbm.hidden_log_sums(input)
        hidden -= rbm.hidden_log_sums(target)
        visible = (input - target) @ rbm.visible_bias.data
        loss = (visible + hidden.sum(axis=1)).sum() / n

        # 3. Backward pass
        def back(dy=1.0):
            s = input.dtype.type(dy / n)
            p_data, p_dream = rbm.hidden(target), rbm.hidden(input)
            dW = p_dream.T @ input - p_data.T @ target
            rbm.weight.accumulate(s * dW)
            da = sum_rows(input - target)
            rbm.visible_bias.accumulate(s * da)
            db = sum_rows(p_dream - p_data)
            rbm.hidden_bias.accumulate(s * db)
            dv = rbm.visible_bias.data + p_dream @ rbm.weight.data
            return s * dv

        return loss, back
