"""Right but for what the time of day says."""

import time

import torch
from torch import nn


class ModelNew(nn.Module):
    def forward(self, x):
        return torch.softmax(x, dim=1) * (1 + 1e-9 * (time.time() % 1))
