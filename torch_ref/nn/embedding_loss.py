"""What `scratch.nn.embedding_loss` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = [
    "CosineEmbeddingLoss",
    "MarginRankingLoss",
    "TripletMarginLoss",
    "TripletMarginWithDistanceLoss",
]
