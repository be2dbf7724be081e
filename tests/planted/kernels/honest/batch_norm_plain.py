"""Both modes, with running averages."""

import torch
from torch import nn


class ModelNew(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.bn = nn.BatchNorm2d(features)

    def forward(self, x):
        bn = self.bn
        if self.training:
            mean = x.mean(dim=(0, 2, 3))
            centred = x - mean[:, None, None]
            variance = centred.square().mean(dim=(0, 2, 3))
            count = x.numel() // x.shape[1]
            with torch.no_grad():
                bn.running_mean.lerp_(mean, 0.1)
                bn.running_var.lerp_(variance * count / (count - 1), 0.1)
                bn.num_batches_tracked += 1
        else:
            centred = x - bn.running_mean[:, None, None]
            variance = bn.running_var
        scale = bn.weight * (variance + bn.eps).rsqrt()
        return centred * scale[:, None, None] + bn.bias[:, None, None]
