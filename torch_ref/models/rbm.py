r"""The restricted Boltzmann machine: binary units that learn what goes
together, and dream of it.
"""

import math

import torch
from torch import logaddexp, rand, sigmoid
from torch.nn.init import normal_

from .. import nn

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
        super().__init__()
        # 1. Weights and biases
        self.k = k
        self.weight = nn.Parameter(torch.empty(n_hidden, n_visible))
        normal_(self.weight, std=1 / math.sqrt(n_visible + n_hidden))
        self.visible_bias = nn.Parameter(torch.zeros(n_visible))
        self.hidden_bias = nn.Parameter(torch.zeros(n_hidden))

    def drive(self, v):
        # 2. W v + b, what drives the hidden units
        return v @ self.weight.T + self.hidden_bias

    def hidden(self, v):
        # 3. p(h = 1 | v)
        return sigmoid(self.drive(v))

    def visible(self, h):
        # 4. p(v = 1 | h)
        return sigmoid(h @ self.weight + self.visible_bias)

    def energy(self, v, h):
        # 5. E(v, h)
        together = ((v @ self.weight.T) * h).sum(dim=1)
        a, b = self.visible_bias, self.hidden_bias
        return -(v @ a) - h @ b - together

    def hidden_log_sums(self, v):
        # 6. log(1 + e^(b + Wv)), which sums over h = 0 and h = 1
        x = self.drive(v)
        return logaddexp(x, x.new_zeros(()))

    def free_energy(self, v):
        # 7. F(v)
        hidden = self.hidden_log_sums(v).sum(dim=1)
        return -hidden - v @ self.visible_bias

    def choose(self, p):
        # 8. 1 with probability p; the same draws in every precision
        if not self.training:
            return p
        return (rand(p.shape).to(p.device) < p).to(p.dtype)

    @torch.no_grad()
    def forward(self, v):
        # 9. Gibbs sampling
        for _ in range(self.k):
            h = self.choose(self.hidden(v))
            v = self.choose(self.visible(h))
        return v


class ContrastiveDivergence(nn.Module):
    r"""CD-k: lowers the free energy of the data v against that of the
    samples v' that k steps of Gibbs sampling made of them.

    Forward: $L = \frac{1}{N} \sum_n F(v_n) - F(v'_n)$.

    Shape: input (v') and target (v) alike, (N, n_visible); output ().
    Source: Hinton 2002, Training products of experts.
    """

    def __init__(self, rbm):
        super().__init__()
        # 1. The machine
        self.rbm = rbm

    def forward(self, input, target):
        # 2. F(v) - F(v'), term by term: both are large, their gap small
        rbm, n = self.rbm, len(target)
        hidden = rbm.hidden_log_sums(input)
        hidden = hidden - rbm.hidden_log_sums(target)
        visible = (input - target) @ rbm.visible_bias
        loss = (visible + hidden.sum(dim=1)).sum() / n

        # 3. Backward pass
        # autograd has recorded it
        return loss
