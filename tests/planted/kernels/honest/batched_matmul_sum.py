"""Products and sums, with no product of matrices."""

from torch import nn


class ModelNew(nn.Module):
    def forward(self, A, B):
        return (A[:, :, :, None] * B[:, None, :, :]).sum(dim=2)
