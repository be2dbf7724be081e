"""A product with the windows as columns."""

import torch.nn.functional as F
from torch import nn


class ModelNew(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size, bias=False)

    def forward(self, x):
        weight = self.conv.weight
        size = weight.shape[-1]
        y = weight.flatten(1) @ F.unfold(x, size)
        return y.view(len(x), -1, x.shape[2] - size + 1, x.shape[3] - size + 1)
