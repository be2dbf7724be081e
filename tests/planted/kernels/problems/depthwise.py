"""A convolution of each channel alone."""

import torch
from torch import nn

batch_size = 4
channels = 8
kernel_size = 3
width = 16


class Model(nn.Module):
    def __init__(self, channels, kernel_size):
        super().__init__()
        self.conv = nn.Conv2d(
            channels, channels, kernel_size, padding=1, groups=channels
        )

    def forward(self, x):
        return self.conv(x)


def get_inputs():
    return [torch.rand(batch_size, channels, width, width)]


def get_init_inputs():
    return [channels, kernel_size]
