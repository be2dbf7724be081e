"""Nothing at all."""

from torch import nn


class ModelNew(nn.Module):
    def forward(self, x):
        return None
