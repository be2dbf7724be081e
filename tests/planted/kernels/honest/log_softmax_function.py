"""With the way back by hand."""

import torch
from torch import nn


class LogSoftmax(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        shifted = x - x.amax(dim=1, keepdim=True)
        y = shifted - shifted.exp().sum(dim=1, keepdim=True).log()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, dy):
        (y,) = ctx.saved_tensors
        return dy - y.exp() * dy.sum(dim=1, keepdim=True)


class ModelNew(nn.Module):
    def forward(self, x):
        return LogSoftmax.apply(x)
