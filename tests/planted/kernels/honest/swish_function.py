"""With the way back by hand, in one expression."""

import torch
from torch import nn


class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        s = 1 / (1 + (-x).exp())
        ctx.save_for_backward(x, s)
        return x * s

    @staticmethod
    def backward(ctx, dy):
        x, s = ctx.saved_tensors
        return dy * s * (1 + x * (1 - s))


class ModelNew(nn.Module):
    def forward(self, x):
        return Swish.apply(x)
