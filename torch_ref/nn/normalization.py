"""What `scratch.nn.normalization` writes by hand, from PyTorch."""

from torch.nn import GroupNorm, LayerNorm, RMSNorm

__all__ = ["GroupNorm", "LayerNorm", "RMSNorm"]
