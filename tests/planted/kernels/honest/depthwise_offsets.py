"""A sum over the places of the kernel, channel by channel."""

import torch.nn.functional as F
from torch import nn


class ModelNew(nn.Module):
    def __init__(self, channels, kernel_size):
        super().__init__()
        self.conv = nn.Conv2d(
            channels, channels, kernel_size, padding=1, groups=channels
        )

    def forward(self, x):
        weight = self.conv.weight
        size = weight.shape[-1]
        padded = F.pad(x, (1, 1, 1, 1))
        y = self.conv.bias[:, None, None].expand(x.shape)
        for i in range(size):
            for j in range(size):
                part = padded[:, :, i : i + x.shape[2], j : j + x.shape[3]]
                y = y + part * weight[:, 0, i, j, None, None]
        return y
