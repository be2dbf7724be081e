"""Sums over distances that double, as threads do it."""

import torch
from torch import nn


class ModelNew(nn.Module):
    def forward(self, x):
        distance = 1
        while distance < x.shape[1]:
            ahead = torch.zeros_like(x[:, :distance])
            x = x + torch.cat([ahead, x[:, :-distance]], dim=1)
            distance *= 2
        return x
