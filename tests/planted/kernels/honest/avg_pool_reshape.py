"""A mean over the places of a window."""

from torch import nn


class ModelNew(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.size = kernel_size

    def forward(self, x):
        k = self.size
        x = x[..., : x.shape[2] // k * k, : x.shape[3] // k * k]
        n, c, h, w = x.shape
        return x.reshape(n, c, h // k, k, w // k, k).mean(dim=(3, 5))
