"""The right numbers, in a tuple of one."""

import torch
from torch import nn


class ModelNew(nn.Module):
    def forward(self, x):
        return (torch.softmax(x, dim=1),)
