"""Bias and GELU in one step after the product."""

import math

import torch
from torch import nn


class ModelNew(nn.Module):
    def __init__(self, in_features, out_features):
        super().__init__()
        self.linear = nn.Linear(in_features, out_features)

    def forward(self, x):
        z = torch.addmm(self.linear.bias, x, self.linear.weight.t())
        return z * 0.5 * (1 + torch.erf(z * math.sqrt(0.5)))
