"""A variance as E[x^2] - E[x]^2, which cancels far from zero."""

import torch
from torch import nn


class ModelNew(nn.Module):
    def __init__(self, groups, channels):
        super().__init__()
        self.norm = nn.GroupNorm(groups, channels)

    def forward(self, x):
        y = x.reshape(len(x), self.norm.num_groups, -1)
        mean = y.mean(-1, keepdim=True)
        variance = y.square().mean(-1, keepdim=True) - mean.square()
        y = ((y - mean) / torch.sqrt(variance + self.norm.eps)).reshape(x.shape)
        shape = 1, -1, *[1] * (x.dim() - 2)
        return y * self.norm.weight.view(shape) + self.norm.bias.view(shape)
