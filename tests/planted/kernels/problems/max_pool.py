"""The largest of each window."""

import torch
from torch import nn

batch_size = 4
channels = 8
width = 16
kernel_size = 2


class Model(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.pool = nn.MaxPool2d(kernel_size)

    def forward(self, x):
        return self.pool(x)


def get_inputs():
    return [torch.randn(batch_size, channels, width, width)]


def get_init_inputs():
    return [kernel_size]
