"""Writes to its input in place, as between layers it may."""

import torch
from torch import nn


class Model(nn.Module):
    def forward(self, x):
        return torch.relu_(x)


def get_inputs():
    return [torch.randn(5, 80)]
