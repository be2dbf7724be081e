"""Batch norm that is always training."""

import torch.nn.functional as F
from torch import nn


class ModelNew(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.bn = nn.BatchNorm2d(features)

    def forward(self, x):
        bn = self.bn
        bn.num_batches_tracked += self.training
        return F.batch_norm(
            x, bn.running_mean, bn.running_var, bn.weight, bn.bias, training=True
        )
