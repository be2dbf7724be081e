"""What `scratch.optim.sparse_adam` writes by hand, from PyTorch."""

from torch.optim import *

__all__ = ["SparseAdam"]
