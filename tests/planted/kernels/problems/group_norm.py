"""Group norm of images."""

import torch
from torch import nn

batch_size = 8
features = 16
groups = 4
width = 8


class Model(nn.Module):
    def __init__(self, groups, features):
        super().__init__()
        self.norm = nn.GroupNorm(groups, features)

    def forward(self, x):
        return self.norm(x)


def get_inputs():
    return [torch.rand(batch_size, features, width, width)]


def get_init_inputs():
    return [groups, features]
