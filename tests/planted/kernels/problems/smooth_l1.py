"""Smooth absolute error."""

import torch
import torch.nn.functional as F
from torch import nn

batch_size = 64
dim = 128


class Model(nn.Module):
    def forward(self, predictions, targets):
        return F.smooth_l1_loss(predictions, targets)


def get_inputs():
    return [torch.rand(batch_size, dim), torch.rand(batch_size, dim)]


def get_init_inputs():
    return []
