"""With the way back by hand."""

import torch
from torch import nn


class CrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, targets):
        wide = x.double() if x.dtype == torch.float64 else x.float()
        shifted = wide - wide.amax(dim=1, keepdim=True)
        logs = shifted - shifted.exp().sum(dim=1, keepdim=True).log()
        ctx.save_for_backward(logs, targets)
        ctx.dtype = x.dtype
        return -logs[torch.arange(len(x)), targets].mean().to(x.dtype)

    @staticmethod
    def backward(ctx, dy):
        logs, targets = ctx.saved_tensors
        dx = logs.exp()
        dx[torch.arange(len(dx)), targets] -= 1
        return (dx * (dy / len(dx))).to(ctx.dtype), None


class ModelNew(nn.Module):
    def forward(self, predictions, targets):
        return CrossEntropy.apply(predictions, targets)
