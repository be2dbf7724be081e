"""GELU with the error function."""

import torch
import torch.nn.functional as F
from torch import nn

batch_size = 32
dim = 512


class Model(nn.Module):
    def forward(self, x):
        return F.gelu(x)


def get_inputs():
    return [torch.randn(batch_size, dim)]


def get_init_inputs():
    return []
