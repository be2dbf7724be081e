"""What `scratch.nn.fold` writes by hand, from PyTorch."""

from torch.nn import Fold, Unfold

__all__ = ["Fold", "Unfold"]
