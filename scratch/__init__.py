"""Deep learning by hand: NumPy, and gradients derived on paper.

What is at `torch.X.Y` is at `scratch.X.Y`. Calling a module returns its output and the
way back: `y, back = module(x)`, and later `dx = back(dy)`.
"""

from . import nn, optim, random
from .random import Generator, manual_seed

__all__ = ["Generator", "manual_seed", "nn", "optim", "random"]
