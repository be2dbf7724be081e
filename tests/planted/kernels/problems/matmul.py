"""A product of two matrices."""

import torch
from torch import nn

M = 64
K = 128
N = 48


class Model(nn.Module):
    def forward(self, A, B):
        return torch.matmul(A, B)


def get_inputs():
    return [torch.rand(M, K), torch.rand(K, N)]


def get_init_inputs():
    return []
