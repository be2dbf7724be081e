"""With the way back by hand."""

import math

import torch
from torch import nn


class GELU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        wide = x.double() if x.dtype == torch.float64 else x.float()
        return (wide * 0.5 * torch.erfc(-wide / math.sqrt(2))).to(x.dtype)

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        wide = x.double() if x.dtype == torch.float64 else x.float()
        share = 0.5 * torch.erfc(-wide / math.sqrt(2))
        density = (-0.5 * wide * wide).exp() / math.sqrt(2 * math.pi)
        return dy * (share + wide * density).to(x.dtype)


class ModelNew(nn.Module):
    def forward(self, x):
        return GELU.apply(x)
