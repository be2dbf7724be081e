"""Batch norm of images."""

import torch
from torch import nn

batch_size = 8
features = 16
width = 8


class Model(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.bn = nn.BatchNorm2d(features)

    def forward(self, x):
        return self.bn(x)


def get_inputs():
    return [torch.rand(batch_size, features, width, width)]


def get_init_inputs():
    return [features]
