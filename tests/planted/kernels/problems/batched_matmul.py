"""Products of a batch of matrices."""

import torch
from torch import nn

batch_size = 8
M = 32
K = 48
N = 24


class Model(nn.Module):
    def forward(self, A, B):
        return torch.bmm(A, B)


def get_inputs():
    return [torch.rand(batch_size, M, K), torch.rand(batch_size, K, N)]


def get_init_inputs():
    return []
