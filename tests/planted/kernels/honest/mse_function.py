"""With the way back by hand, to the predictions alone."""

import torch
from torch import nn


class MSE(torch.autograd.Function):
    @staticmethod
    def forward(ctx, predictions, targets):
        difference = predictions - targets
        ctx.save_for_backward(difference)
        return difference.square().mean()

    @staticmethod
    def backward(ctx, dy):
        (difference,) = ctx.saved_tensors
        return dy * 2 * difference / difference.numel(), None


class ModelNew(nn.Module):
    def forward(self, predictions, targets):
        return MSE.apply(predictions, targets)
