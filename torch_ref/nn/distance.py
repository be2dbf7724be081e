"""What `scratch.nn.distance` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["CosineSimilarity", "PairwiseDistance"]
