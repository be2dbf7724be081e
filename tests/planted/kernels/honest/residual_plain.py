"""The sum and its norm in one expression."""

from torch import nn


class ModelNew(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.norm = nn.LayerNorm(dim)

    def forward(self, x, branch):
        total = x + branch
        centred = total - total.mean(dim=-1, keepdim=True)
        variance = (centred * centred).mean(dim=-1, keepdim=True)
        scale = self.norm.weight / (variance + 1e-5).sqrt()
        return centred * scale + self.norm.bias
