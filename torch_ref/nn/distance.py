"""What `scratch.nn.distance` writes by hand, from PyTorch."""

from torch.nn import CosineSimilarity, PairwiseDistance

__all__ = ["CosineSimilarity", "PairwiseDistance"]
