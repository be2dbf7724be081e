"""One pass over blocks of columns that rescales what it has, as a kernel does."""

import torch
from torch import nn

BLOCK = 48


class ModelNew(nn.Module):
    def forward(self, x):
        wide = x.float() if x.dtype == torch.bfloat16 else x
        largest = torch.full_like(wide[:, :1], -torch.inf)
        total = torch.zeros_like(largest)
        for start in range(0, x.shape[1], BLOCK):
            block = wide[:, start : start + BLOCK]
            new = torch.maximum(largest, block.amax(dim=1, keepdim=True))
            total = total * (largest - new).exp()
            total = total + (block - new).exp().sum(dim=1, keepdim=True)
            largest = new
        return ((wide - largest.detach()).exp() / total * _shift(largest)).to(x.dtype)


def _shift(largest):
    """1, with the gradient that taking off the largest has in the total."""
    return (largest.detach() - largest).exp()
