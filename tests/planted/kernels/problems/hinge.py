"""Hinge loss."""

import torch
from torch import nn

batch_size = 128
dim = 16


class Model(nn.Module):
    def forward(self, predictions, targets):
        return torch.mean(torch.clamp(1 - predictions * targets, min=0))


def get_inputs():
    return [
        torch.rand(batch_size, dim),
        torch.randint(0, 2, (batch_size, 1)).float() * 2 - 1,
    ]


def get_init_inputs():
    return []
