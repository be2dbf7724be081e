"""The two branches."""

import torch
from torch import nn


class ModelNew(nn.Module):
    def forward(self, predictions, targets):
        gap = (predictions - targets).abs()
        return torch.where(gap < 1, 0.5 * gap * gap, gap - 0.5).mean()
