"""A convolution, ReLU, and a bias of its own."""

import torch
from torch import nn

batch_size = 4
in_channels = 3
out_channels = 8
kernel_size = 3
width = 16


class Model(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size)
        self.bias = nn.Parameter(torch.randn(out_channels, 1, 1))

    def forward(self, x):
        return torch.relu(self.conv(x)) + self.bias


def get_inputs():
    return [torch.rand(batch_size, in_channels, width, width)]


def get_init_inputs():
    return [in_channels, out_channels, kernel_size]
