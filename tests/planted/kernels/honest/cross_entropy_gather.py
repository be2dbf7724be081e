"""The logarithm of the sum less what is aimed at."""

from torch import nn


class ModelNew(nn.Module):
    def forward(self, predictions, targets):
        aimed = predictions.gather(1, targets[:, None]).squeeze(1)
        return (predictions.logsumexp(dim=1) - aimed).mean()
