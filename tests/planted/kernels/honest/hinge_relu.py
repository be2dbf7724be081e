"""The mean of what is missing."""

from torch import nn


class ModelNew(nn.Module):
    def forward(self, predictions, targets):
        missing = 1 - predictions * targets
        return missing.relu().mean()
