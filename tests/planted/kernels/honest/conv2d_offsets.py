"""A sum over the places of the kernel."""

import torch
from torch import nn


class ModelNew(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size, bias=False)

    def forward(self, x):
        weight = self.conv.weight
        size = weight.shape[-1]
        height, width = x.shape[2] - size + 1, x.shape[3] - size + 1
        y = 0
        for i in range(size):
            for j in range(size):
                part = x[:, :, i : i + height, j : j + width]
                y = y + torch.einsum("nchw,oc->nohw", part, weight[:, :, i, j])
        return y
