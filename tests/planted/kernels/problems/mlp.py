"""A perceptron with two hidden layers."""

import torch
from torch import nn

batch_size = 16
sizes = (64, 96, 48, 10)


class Model(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(sizes[0], sizes[1]),
            nn.ReLU(),
            nn.Linear(sizes[1], sizes[2]),
            nn.ReLU(),
            nn.Linear(sizes[2], sizes[3]),
        )

    def forward(self, x):
        return self.layers(x)


def get_inputs():
    return [torch.rand(batch_size, sizes[0])]


def get_init_inputs():
    return [sizes]
