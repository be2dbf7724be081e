"""By the inverse root."""

import torch
from torch import nn


class ModelNew(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(features))

    def forward(self, x):
        inverse = torch.rsqrt((x * x).mean(dim=1, keepdim=True) + 1e-5)
        return x * inverse * self.weight.view(1, -1, 1, 1)
