"""With the way back by hand."""

import torch
from torch import nn


class RMSNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight):
        inverse = ((x * x).mean(dim=1, keepdim=True) + 1e-5).rsqrt()
        ctx.save_for_backward(x, inverse, weight)
        return x * inverse * weight.view(1, -1, 1, 1)

    @staticmethod
    def backward(ctx, dy):
        x, inverse, weight = ctx.saved_tensors
        normal = x * inverse
        dnormal = dy * weight.view(1, -1, 1, 1)
        inner = (dnormal * normal).mean(dim=1, keepdim=True)
        dweight = (dy * normal).sum(dim=(0, 2, 3))
        return inverse * (dnormal - normal * inner), dweight


class ModelNew(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(features))

    def forward(self, x):
        return RMSNorm.apply(x, self.weight)
