"""Products and maxima; weights under other names."""

from itertools import pairwise

from torch import nn


class ModelNew(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.parts = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))

    def forward(self, x):
        for part in self.parts[:-1]:
            z = x @ part.weight.t() + part.bias
            x = z * (z > 0)
        last = self.parts[-1]
        return x @ last.weight.t() + last.bias
