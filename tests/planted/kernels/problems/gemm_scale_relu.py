"""A linear layer, a factor, ReLU."""

import torch
from torch import nn

batch_size = 32
in_features = 128
out_features = 64
factor = 1.5


class Model(nn.Module):
    def __init__(self, in_features, out_features, factor):
        super().__init__()
        self.gemm = nn.Linear(in_features, out_features)
        self.factor = factor

    def forward(self, x):
        return torch.relu(self.gemm(x) * self.factor)


def get_inputs():
    return [torch.rand(batch_size, in_features)]


def get_init_inputs():
    return [in_features, out_features, factor]
