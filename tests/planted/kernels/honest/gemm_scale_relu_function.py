"""Product, factor and ReLU in one function with its way back."""

import torch
from torch import nn


class Fused(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, bias, factor):
        y = ((x @ weight.t() + bias) * factor).clamp_(min=0)
        ctx.save_for_backward(x, weight, y)
        ctx.factor = factor
        return y

    @staticmethod
    def backward(ctx, dy):
        x, weight, y = ctx.saved_tensors
        dz = dy * (y > 0) * ctx.factor
        return dz @ weight, dz.t() @ x, dz.sum(dim=0), None


class ModelNew(nn.Module):
    def __init__(self, in_features, out_features, factor):
        super().__init__()
        self.gemm = nn.Linear(in_features, out_features)
        self.factor = factor

    def forward(self, x):
        return Fused.apply(x, self.gemm.weight, self.gemm.bias, self.factor)
