"""What `scratch.optim.lr_scheduler.factors` writes by hand, from PyTorch."""

from torch.optim.lr_scheduler import *

__all__ = [
    "ConstantLR",
    "ExponentialLR",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "PolynomialLR",
    "StepLR",
]
