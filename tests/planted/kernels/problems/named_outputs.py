"""Outputs in a dict, with a list in it."""

import torch
from torch import nn


class Model(nn.Module):
    def forward(self, x, scale):
        return {"product": x * scale, "others": [x.sum(), x.argmax()]}


def get_inputs():
    return [torch.randn(3, 60), 2.0]
