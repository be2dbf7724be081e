"""A function of its own, with the way back by hand."""

import torch
from torch import nn


class Softmax(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        wide = x.double() if x.dtype == torch.float64 else x.float()
        e = (wide - wide.amax(dim=1, keepdim=True)).exp_()
        y = e.div_(e.sum(dim=1, keepdim=True)).to(x.dtype)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, dy):
        (y,) = ctx.saved_tensors
        return y * (dy - (dy * y).sum(dim=1, keepdim=True))


class ModelNew(nn.Module):
    def forward(self, x):
        return Softmax.apply(x)
