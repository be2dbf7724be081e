"""The way back of layer norm as if mean and variance were constants."""

import torch
from torch import nn


class LayerNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, bias):
        variance, mean = torch.var_mean(x, dim=-1, correction=0, keepdim=True)
        inverse = (variance + 1e-5).rsqrt()
        normal = (x - mean) * inverse
        ctx.save_for_backward(normal, inverse, weight)
        return normal * weight + bias

    @staticmethod
    def backward(ctx, dy):
        normal, inverse, weight = ctx.saved_tensors
        return dy * weight * inverse, (dy * normal).sum(dim=0), dy.sum(dim=0)


class ModelNew(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.norm = nn.LayerNorm(dim)

    def forward(self, x):
        return LayerNorm.apply(x, self.norm.weight, self.norm.bias)
