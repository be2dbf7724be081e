"""The way back of x * sigmoid(x) forgets that the sigmoid depends on x."""

import torch
from torch import nn


class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        s = torch.sigmoid(x)
        ctx.save_for_backward(s)
        return x * s

    @staticmethod
    def backward(ctx, dy):
        return dy * ctx.saved_tensors[0]


class ModelNew(nn.Module):
    def forward(self, x):
        return Swish.apply(x)
