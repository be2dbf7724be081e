"""A kernel that knows no torch: it reads and writes memory through NumPy."""

import numpy as np
import torch
from torch import nn


def kernel(x, out):
    np.exp(x - x.max(axis=1, keepdims=True), out=out)
    out /= out.sum(axis=1, keepdims=True)


class Softmax(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = torch.empty(x.shape, dtype=x.dtype)
        kernel(x.detach().numpy(), y.numpy())
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, dy):
        y, dy = ctx.saved_tensors[0].numpy(), dy.numpy()
        return torch.from_numpy(y * (dy - (dy * y).sum(axis=1, keepdims=True)))


class ModelNew(nn.Module):
    def forward(self, x):
        return Softmax.apply(x)
