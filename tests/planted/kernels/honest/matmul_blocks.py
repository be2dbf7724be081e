"""Sums of products of blocks, in the order of a tiled kernel."""

import torch
from torch import nn

BLOCK = 32


class MatMul(torch.autograd.Function):
    @staticmethod
    def forward(ctx, A, B):
        ctx.save_for_backward(A, B)
        return product(A, B)

    @staticmethod
    def backward(ctx, dC):
        A, B = ctx.saved_tensors
        return product(dC, B.t()), product(A.t(), dC)


def product(A, B):
    wide = A.dtype if A.dtype == torch.float64 else torch.float32
    C = torch.zeros(A.shape[0], B.shape[1], dtype=wide)
    for k in range(0, A.shape[1], BLOCK):
        C += A[:, k : k + BLOCK].to(wide) @ B[k : k + BLOCK].to(wide)
    return C.to(A.dtype)


class ModelNew(nn.Module):
    def forward(self, A, B):
        return MatMul.apply(A, B)
