"""What `scratch.nn.rectifier` writes by hand, from PyTorch."""

from torch.nn import *

__all__ = [
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "LeakyReLU",
    "PReLU",
    "RReLU",
    "ReLU",
    "ReLU6",
    "Threshold",
]
