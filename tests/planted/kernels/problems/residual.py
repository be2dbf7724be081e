"""Layer norm of a sum with a branch that starts at zero."""

import torch
from torch import nn

batch_size = 32
dim = 128


class Model(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.norm = nn.LayerNorm(dim)

    def forward(self, x, branch):
        return self.norm(x + branch)


def get_inputs():
    return [torch.randn(batch_size, dim), torch.zeros(batch_size, dim)]


def get_init_inputs():
    return [dim]
