"""Groups as rows."""

import torch
from torch import nn


class ModelNew(nn.Module):
    def __init__(self, groups, features):
        super().__init__()
        self.groups = groups
        self.norm = nn.GroupNorm(groups, features)

    def forward(self, x):
        rows = x.reshape(x.shape[0], self.groups, -1)
        variance, mean = torch.var_mean(rows, dim=2, correction=0, keepdim=True)
        y = ((rows - mean) * (variance + self.norm.eps).rsqrt()).view(x.shape)
        return y * self.norm.weight[:, None, None] + self.norm.bias[:, None, None]
