"""The first largest of each window, by comparing its places in turn."""

import torch
from torch import nn


class ModelNew(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.size = kernel_size

    def forward(self, x):
        k = self.size
        x = x[..., : x.shape[2] // k * k, : x.shape[3] // k * k]
        n, c, h, w = x.shape
        windows = x.reshape(n, c, h // k, k, w // k, k).transpose(3, 4)
        windows = windows.reshape(n, c, h // k, w // k, k * k)
        best = windows[..., 0]
        for i in range(1, k * k):
            best = torch.where(windows[..., i] > best, windows[..., i], best)
        return best
