"""It computes in float32 whatever comes, as kernels for a GPU do."""

import torch
from torch import nn


class Softmax(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        wide = x.float()
        e = (wide - wide.amax(dim=1, keepdim=True)).exp()
        y = e / e.sum(dim=1, keepdim=True)
        ctx.save_for_backward(y)
        return y.to(x.dtype)

    @staticmethod
    def backward(ctx, dy):
        (y,) = ctx.saved_tensors
        wide = dy.float()
        return (y * (wide - (wide * y).sum(dim=1, keepdim=True))).to(dy.dtype)


class ModelNew(nn.Module):
    def forward(self, x):
        return Softmax.apply(x)
