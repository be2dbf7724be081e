"""With the way back by hand; its parameters have other names."""

import torch
from torch import nn


class LayerNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gain, offset, eps):
        wide = x.double() if x.dtype == torch.float64 else x.float()
        centred = wide - wide.mean(dim=-1, keepdim=True)
        inverse = (centred.square().mean(dim=-1, keepdim=True) + eps).rsqrt()
        normal = centred * inverse
        ctx.save_for_backward(normal, inverse, gain)
        return (normal * gain + offset).to(x.dtype)

    @staticmethod
    def backward(ctx, dy):
        normal, inverse, gain = ctx.saved_tensors
        wide = dy.to(normal.dtype)
        dnormal = wide * gain
        dx = dnormal - dnormal.mean(dim=-1, keepdim=True)
        dx = dx - normal * (dnormal * normal).mean(dim=-1, keepdim=True)
        dgain = (wide * normal).sum(dim=0).to(gain.dtype)
        doffset = wide.sum(dim=0).to(gain.dtype)
        return (inverse * dx).to(dy.dtype), dgain, doffset, None


class ModelNew(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(dim))
        self.offset = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        return LayerNorm.apply(x, self.gain, self.offset, 1e-5)
