"""A function whose way back is nothing."""

import torch
import torch.nn.functional as F
from torch import nn


class GELU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return F.gelu(x)

    @staticmethod
    def backward(ctx, dy):
        return torch.zeros_like(dy)


class ModelNew(nn.Module):
    def forward(self, x):
        return GELU.apply(x)
