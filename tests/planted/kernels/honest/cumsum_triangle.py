"""A product with a triangle of ones."""

import torch
from torch import nn


class ModelNew(nn.Module):
    def forward(self, x):
        ones = torch.ones(x.shape[1], x.shape[1], dtype=x.dtype).triu()
        return x @ ones
