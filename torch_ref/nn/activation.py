"""What `scratch.nn.activation` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = ["LogSoftmax", "Sigmoid", "Softmax", "Softmax2d", "Softmin", "Tanh"]
