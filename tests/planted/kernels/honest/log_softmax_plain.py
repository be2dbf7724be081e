"""x less the logarithm of the sum of exponentials."""

from torch import nn


class ModelNew(nn.Module):
    def forward(self, x):
        shifted = x - x.amax(dim=1, keepdim=True)
        return shifted - shifted.exp().sum(dim=1, keepdim=True).log()
